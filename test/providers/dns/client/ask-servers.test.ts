import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeDns, type Reaction } from "../../../../lab/fake-dns.js";
import { freePorts } from "../../../../lab/ports.js";
import type { HostPort } from "../../../../src/model/host-port.js";
import { askServers } from "../../../../src/providers/dns/client/ask-servers.js";
import type { RecordType, Reply } from "../../../../src/providers/dns/client/message.js";
import { SourceFailed } from "../../../../src/util/errors.js";
import { heldClock } from "../held-clock.js";

const signal = new AbortController().signal;
let first: FakeDns;
let second: FakeDns;

beforeEach(async () => {
	[first, second] = await Promise.all([FakeDns.start(), FakeDns.start()]);
	first.set("web.test", "A", "30 10.0.0.1");
	second.set("web.test", "A", "30 10.0.0.2");
});

afterEach(async () => {
	await Promise.all([first.close(), second.close()]);
});

function at(...servers: readonly FakeDns[]): HostPort[] {
	return servers.map(({ port }) => ({ host: "127.0.0.1", port }));
}

function ask(servers: readonly HostPort[], timeout = 5_000, type: RecordType = "A"): Promise<Reply> {
	return askServers(servers, { name: "web.test", type }, { timeout, signal });
}

function addresses({ answers }: Reply): unknown[] {
	return answers.map((answer) => (answer as { data?: unknown }).data);
}

function transports(server: FakeDns): string {
	return server.queries.map(({ transport }) => transport).join(" ");
}

describe("a question", () => {
	it("goes to the first server only, with EDNS, and each time with another id from another port", async () => {
		for (let i = 0; i < 8; i++) expect(addresses(await ask(at(first, second)))).toEqual(["10.0.0.1"]);
		expect([first.count(), second.count()]).toEqual([8, 0]);
		expect(new Set(first.queries.map(({ id }) => id)).size).toBeGreaterThan(6);
		expect(new Set(first.queries.map(({ port }) => port)).size).toBeGreaterThan(4);
		expect(first.queries.every(({ edns, transport }) => edns && transport === "udp")).toBe(true);
	});

	const noAnswers: readonly (readonly [string, Reaction])[] = [
		["truncated", { truncated: true }],
		["garbage", { bytes: Buffer.from("not a message of DNS, but long enough") }],
		["empty", { bytes: Buffer.alloc(0) }],
		["half an answer", { half: true }],
		["an answer with another id", { wrongId: true }],
		["an answer to another question", { otherQuestion: "bank.test" }],
		["an answer without the question", { noQuestion: true }],
		["a query", { query: true }],
	];

	it.each(noAnswers)("is asked over TCP where the datagram is %s", async (_, reaction) => {
		first.react = ({ transport }) => (transport === "udp" ? reaction : undefined);
		expect(addresses(await ask(at(first)))).toEqual(["10.0.0.1"]);
		expect(transports(first)).toBe("udp tcp");
		expect(first.queries[0]?.id).not.toBe(first.queries[1]?.id);
	});

	it.each(noAnswers.filter(([what]) => what !== "truncated"))(
		"is asked of the next server where the answer over TCP is %s too",
		async (_, reaction) => {
			first.react = () => reaction;
			using _clock = heldClock();
			// At once: no time passes.
			expect(addresses(await ask(at(first, second)))).toEqual(["10.0.0.2"]);
			expect(transports(first)).toBe("udp tcp");
			await expect(ask(at(first))).rejects.toThrow(SourceFailed);
		},
	);

	it.each(["SERVFAIL", "REFUSED"] as const)("is asked of the next server after %s, once", async (rcode) => {
		first.react = () => ({ rcode });
		expect(addresses(await ask(at(first, second)))).toEqual(["10.0.0.2"]);
		second.react = () => ({ rcode, noQuestion: true });
		const failure = `web.test A: ${rcode} from ${first.address}; ${rcode} from ${second.address}`;
		await expect(ask(at(first, second))).rejects.toThrow(failure);
		expect([transports(first), transports(second)]).toEqual(["udp udp", "udp udp"]);
	});

	it("is asked of the next server at once where no server is", async () => {
		const [port = 0] = await freePorts(1);
		using _clock = heldClock();
		expect(addresses(await ask([{ host: "127.0.0.1", port }, ...at(second)]))).toEqual(["10.0.0.2"]);
		await expect(ask([{ host: "127.0.0.1", port }])).rejects.toThrow(`web.test A: ECONNREFUSED from 127.0.0.1:${port}`);
	});

	it("is asked of the next server, then again, where one is silent; within the time-out", async () => {
		using clock = heldClock();
		first.react = () => ({ silent: true });
		const answered = ask(at(first, second), 4_000);
		await clock.until("the first is asked", () => first.count() === 1);
		await clock.advance(900);
		expect([first.count(), second.count()]).toEqual([1, 0]);
		await clock.advance(100);
		expect(addresses(await answered)).toEqual(["10.0.0.2"]);
		expect([first.count(), second.count()]).toEqual([1, 1]);
		second.react = () => ({ silent: true });
		let ended = false;
		const failed = expect(
			ask(at(first, second), 4_000).finally(() => {
				ended = true;
			}),
		).rejects.toThrow(`web.test A: no answer in time from ${first.address}; no answer in time from ${second.address}`);
		await clock.advance(3_900);
		expect([first.count(), second.count(), ended]).toEqual([3, 3, false]);
		await clock.advance(100);
		await failed;
	});

	it("still takes the answer of a slow server after it has been asked again", async () => {
		using clock = heldClock();
		first.react = () => ({ delay: 600 });
		const answered = ask(at(first), 1_000);
		await clock.advance(700);
		expect(addresses(await answered)).toEqual(["10.0.0.1"]);
		expect(first.count()).toBe(2);
	});

	it("survives a lost datagram", async () => {
		using clock = heldClock();
		first.react = () => (first.count() === 1 ? { silent: true } : undefined);
		const answered = ask(at(first), 1_000);
		await clock.advance(500);
		expect(addresses(await answered)).toEqual(["10.0.0.1"]);
	});

	it("ends where TCP stalls", async () => {
		first.react = ({ transport }) => (transport === "udp" ? { truncated: true } : { silent: true });
		await expect(ask(at(first), 300)).rejects.toThrow(`no answer in time from ${first.address}`);
		await expect.poll(() => first.connections).toBe(0);
	});

	it.each(["FORMERR", "NOTIMP"] as const)("is asked without EDNS of a server that says %s to it", async (rcode) => {
		first.react = ({ edns }) => (edns ? { rcode, noQuestion: true } : undefined);
		expect(addresses(await ask(at(first)))).toEqual(["10.0.0.1"]);
		expect(first.queries.map(({ edns }) => edns)).toEqual([true, false]);
	});

	it("gives NXDOMAIN back: that is an answer", async () => {
		first.react = () => ({ rcode: "NXDOMAIN" });
		expect((await ask(at(first, second))).rcode).toBe("NXDOMAIN");
		expect(second.count()).toBe(0);
	});

	it("ends with its signal, over UDP and TCP", async () => {
		for (const truncated of [false, true]) {
			const controller = new AbortController();
			first.react = ({ transport }) => (transport === "udp" && truncated ? { truncated } : { silent: true });
			const before = first.count();
			const asked = askServers(
				at(first),
				{ name: "web.test", type: "A" },
				{ timeout: 20_000, signal: controller.signal },
			);
			const ended = expect(asked).rejects.toThrow("This operation was aborted");
			await expect.poll(() => first.count() - before).toBe(truncated ? 2 : 1);
			controller.abort();
			await ended;
			await expect.poll(() => first.connections).toBe(0);
		}
		expect(() => askServers(at(first), { name: "a", type: "A" }, { timeout: 9, signal: AbortSignal.abort() })).toThrow(
			"aborted",
		);
	});

	it("leaves no socket behind, whether it is answered, fails or ends", async () => {
		const sockets = () => process.getActiveResourcesInfo().filter((name) => /UDP|TCP/.test(name)).length;
		await ask(at(first));
		first.react = ({ transport }) => (transport === "udp" ? { truncated: true } : { half: true });
		await expect(ask(at(first), 300)).rejects.toThrow(SourceFailed);
		first.react = () => ({ silent: true });
		const controller = new AbortController();
		const options = { timeout: 20_000, signal: controller.signal };
		const asked = expect(askServers(at(first), { name: "web.test", type: "A" }, options)).rejects.toThrow("aborted");
		controller.abort();
		await asked;
		await expect(ask(at(first), 100)).rejects.toThrow(SourceFailed);
		// Those of the two servers.
		await expect.poll(sockets).toBe(4);
	});

	it("says what is missing where the system has no server", () => {
		expect(() => ask([])).toThrow("web.test A: the system names no DNS server; give servers");
	});
});
