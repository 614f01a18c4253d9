import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Backend, startBackends, startHttpBackend } from "../../lab/backends.js";
import { Envoy } from "../../lab/envoy.js";
import { envoyBootstrap } from "../../lab/envoy-bootstrap.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { Load } from "../../lab/load.js";
import { RawConnection } from "../../lab/raw-call.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";
import { readCorpus } from "./corpus.js";
import { GENERATED } from "./generated-requests.js";
import { mutated, randomOf } from "./mutate.js";

/** A minute in CI; `npm run fuzz` takes longer. FUZZ_SEED plays a run again. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? (process.env.CI === "true" ? 60 : 10));
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
/** Messages of a round, after which it is looked whether the server is as it was. */
const ROUND = 200;

const CORPUS = readCorpus();
const REQUESTS = new Map(Object.entries(GENERATED).map(([method, requests]) => [method, [...requests]]));
for (const { method, message } of CORPUS) {
	const known = REQUESTS.get(method);
	if (known) known.push(message);
	else REQUESTS.set(method, [message]);
}
const METHODS = [...REQUESTS.keys()];

const envoy = inject("envoys")["1.40.0"];
const beside = "path" in envoy ? "beside an Envoy under load" : `without an Envoy (${envoy.missing})`;

describe(`requests of real clients that were changed at random, ${beside}, seed ${SEED}`, () => {
	const owned = new AsyncDisposableStack();
	let backends: Readonly<Record<"a" | "b", Backend>>;
	let fingerpost: Fingerpost;
	let good: XdsStream;
	let proxy: Envoy | undefined;
	/** Clients that are no fuzzers. */
	let others = 1;
	beforeAll(async () => {
		backends = owned.use(await startBackends(startHttpBackend, "a", "b"));
		const services = { web: { endpoints: [] }, busy: { endpoints: [backends.a.address] } };
		fingerpost = owned.use(await Fingerpost.start({ services }));
		good = owned.use(new XdsStream({ port: fingerpost.xdsPort, mode: "sotw" }));
		good.send({ node: { id: "good" }, type_url: TYPE_URL.eds, resource_names: ["web"] });
		await good.next("endpoints", () => true);
		if ("missing" in envoy) return;
		others++;
		proxy = owned.use(await Envoy.start(envoy.path, envoyBootstrap({ mode: "delta", xds: [fingerpost.xdsPort] })));
		await proxy.waitForHosts("busy", [backends.a.address]);
	});
	afterAll(() => owned.disposeAsync());

	/** Some messages over some calls of one connection. */
	function flood(connection: RawConnection, random: ReturnType<typeof randomOf>): void {
		for (let sent = 0; sent < ROUND; ) {
			const method = METHODS[random(METHODS.length)] as string;
			const requests = REQUESTS.get(method) as readonly Uint8Array[];
			const call = connection.open(method).read();
			for (let left = 1 + random(6); left > 0; left--, sent++) {
				// Now and then the flag or the length of the message is wrong, too.
				const bytes = mutated(requests[random(requests.length)] as Uint8Array, random);
				if (random(20) === 0) call.sendBytes(bytes);
				else call.send(bytes, random(30) === 0 ? 1 : 0);
			}
			if (random(3) === 0) call.stream.end();
		}
	}

	it(`for ${SECONDS} s leave the server as it was, and its clients served`, {
		timeout: SECONDS * 1_000 + 300_000,
	}, async () => {
		const random = randomOf(SEED);
		await using load = proxy && new Load({ url: proxy.ingress, service: "busy", limit: SECONDS * 1_000 + 300_000 });
		const end = performance.now() + SECONDS * 1_000;
		for (let round = 1; performance.now() < end; round++) {
			using connection = new RawConnection(fingerpost.xdsPort);
			flood(connection, random);
			const before = good.responses.length;
			const port = 1_000 + (round % 60_000);
			const busy = backends[round % 2 ? "b" : "a"].address;
			await fingerpost.setServices({ web: { endpoints: [`127.0.0.1:${port}`] }, busy: { endpoints: [busy] } });
			await good.next("the change", ({ resources }) => JSON.stringify(resources).includes(`:${port}`), before);
			await proxy?.waitForHosts("busy", [busy]);
			connection[Symbol.dispose]();
			await waitUntil("no stream is left", async () => (await fingerpost.clients()).length === others);
		}
		expect(fingerpost.log.filter(({ level }) => level === "error")).toEqual([]);
		expect(await fingerpost.nacks()).toEqual([]);
		if (!load) return;
		const { failures, byBackend } = await load.stop();
		expect(failures).toEqual([]);
		expect(Object.keys(byBackend).sort()).toEqual(["a", "b"]);
	});
});

describe("what was recorded", () => {
	it("is of each client and of both variants, of all types at once and of one", () => {
		const clients = new Set(CORPUS.map(({ client }) => client));
		expect(clients).toEqual(
			new Set([
				...Object.keys(inject("envoys")).map((version) => `Envoy ${version}`),
				...Object.keys(inject("clients")).map((language) => `gRPC ${language}`),
			]),
		);
		for (const name of ["StreamAggregatedResources", "DeltaAggregatedResources", "DeltaClusters", "StreamEndpoints"])
			expect(METHODS.some((method) => method.endsWith(name))).toBe(true);
	});

	it("names nothing of the machine that recorded it", () => {
		const text = CORPUS.map(({ message }) => message.toString("latin1")).join("\n");
		expect(text).toContain("lab-envoy");
		for (const pattern of [/\/(?:root|home|tmp|work|usr)\//, /https?:\/\//]) expect(text).not.toMatch(pattern);
	});
});
