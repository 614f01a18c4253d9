import { expect, it } from "vitest";
import { FakeListServer } from "../../lab/fake-list-server.js";
import { HttpClient } from "../../src/providers/http-client/http-client.js";
import { countedRequest, requestCounts } from "../../src/providers/source-requests.js";
import { SourceFailed } from "../../src/util/errors.js";
import { withinLimit } from "../../src/util/time-limit.js";

/** What the work adds to the counts of a provider. */
async function added(provider: "sd" | "dns", work: () => Promise<unknown>) {
	const before = { ...requestCounts()[provider] };
	await work().catch(() => {});
	const after = requestCounts()[provider];
	return [after.success - before.success, after.failure - before.failure];
}

const never = () => new Promise<never>(() => {});

it("counts what is answered, what fails and what takes too long, and nothing that was given up", async () => {
	const provider = "dns";
	const { signal } = new AbortController();
	const ask = (answer: () => Promise<number>, accepts?: (value: number) => boolean) =>
		added(provider, () => countedRequest({ provider, signal, ...(accepts && { accepts }) }, answer));
	expect(await ask(async () => 1)).toEqual([1, 0]);
	expect(
		await ask(
			async () => 1,
			(value) => value > 1,
		),
	).toEqual([0, 1]);
	expect(await ask(async () => Promise.reject(new Error("no")))).toEqual([0, 1]);

	const late = () => new SourceFailed("late");
	const limited = () =>
		withinLimit({ ms: 1, late }, (end) => countedRequest({ provider, signal: end }, untilFired(end)));
	expect(await added(provider, limited)).toEqual([0, 1]);
	const stopped = AbortSignal.abort();
	expect(await added(provider, () => countedRequest({ provider, signal: stopped }, untilFired(stopped)))).toEqual([
		0, 0,
	]);
});

function untilFired(signal: AbortSignal) {
	return async () => {
		signal.throwIfAborted();
		await Promise.race([never(), new Promise((_, reject) => signal.addEventListener("abort", reject))]);
	};
}

it("counts requests by HTTP: a status of 400 or more is a failure, and so is no answer at all", async () => {
	await using server = await FakeListServer.start();
	server.set("/list", []);
	const client = new HttpClient({ provider: "sd", tokenHeaders: () => ({}) });
	const { signal } = new AbortController();
	const open = (path: string, port = server.port) =>
		added("sd", async () => (await client.open({ url: new URL(`http://127.0.0.1:${port}${path}`), signal })).destroy());
	expect(await open("/list")).toEqual([1, 0]);
	expect(await open("/none")).toEqual([0, 1]);
	server.react = () => ({ hangUp: true });
	expect(await open("/list")).toEqual([0, 1]);
});
