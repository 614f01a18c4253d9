import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cpuTime } from "../../lab/cpu-time.js";
import { waitUntil } from "../../lab/wait-until.js";
import { type Endpoint, endpoint } from "../../src/model/endpoint.js";
import type { GrpcStream } from "./grpc-stream.js";
import { HostileLab, url } from "./hostile-lab.js";

const MIB = 1024 * 1024;
const GRPC = { node: { id: "n", userAgentName: "gRPC Go" } };
const many = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

function endpoints(count: number): Endpoint[] {
	return Array.from({ length: count }, (_, i) =>
		endpoint({ address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, port: 80, health: "healthy" }),
	);
}

/** What would be more than 4 MiB for a gRPC client. */
const HUGE = endpoints(150_000);

describe.each(["sotw", "delta"] as const)("sizes, %s:", (mode) => {
	let lab: HostileLab;
	beforeEach(async () => {
		lab = await HostileLab.start(mode);
	});
	afterEach(() => lab?.[Symbol.asyncDispose]());

	const named = (stream: GrpcStream) => stream.responses.flatMap(({ names }) => names);
	const problems = () => [...lab.cache.problems()];

	it("a service that gRPC clients could not receive is kept from them, until it is small enough", async () => {
		lab.change("a", endpoints(10));
		const stream = lab.stream();
		stream.send(url("eds"), ["a", "b"], GRPC);
		const { bytes } = (await stream.received(1))[0] ?? { bytes: 0 };

		lab.change("a", HUGE);
		expect(problems()).toMatchObject([{ name: "a", type: "eds", family: "grpc", reason: "tooLarge" }]);
		expect(problems()[0]?.message).toMatch(/^it has \d+\.\d MiB, .* 4 MiB/);
		// Others go on, and what comes later of it is held as well, and told of no more.
		lab.change("b", endpoints(1));
		await stream.received(2);
		lab.change("a", [...HUGE, endpoint({ address: "10.255.0.1", port: 80, health: "healthy" })]);
		expect(lab.tooLarge.map(({ name }) => name)).toEqual(["a"]);

		// Who comes now gets it as it was.
		const late = lab.stream();
		late.send(url("eds"), ["a"], GRPC);
		const [old] = await late.received(1);
		expect(old?.names).toEqual(["a"]);
		expect(old?.bytes).toBeGreaterThan(bytes / 2);

		lab.change("a", endpoints(20));
		await stream.received(3);
		await late.received(2);
		expect(named(stream).filter((name) => name === "a")).toHaveLength(2);
		expect(late.responses[1]?.bytes).toBeGreaterThan(old?.bytes ?? 0);
		expect(problems()).toEqual([]);
		lab.change("a", HUGE);
		expect(lab.tooLarge).toHaveLength(2);
	});

	it("who has nothing of a service that is too large gets it empty, so that calls fail at once; who has it keeps it", async () => {
		lab.change("a", HUGE);
		const stream = lab.stream();
		stream.send(url("eds"), ["a"], GRPC);
		const [response] = await stream.received(1);
		expect(response?.names).toEqual(["a"]);
		expect(response?.bytes).toBeLessThan(1_000);
		const has = lab.stream();
		const version = { versionInfo: "an older one", initialResourceVersions: { a: "an older one" } };
		has.send(url("eds"), ["a"], { ...GRPC, ...version });
		has.send(url("rds"), ["a"]);
		await has.received(1);
		lab.change("b");
		expect(has.responses.map(({ typeUrl }) => typeUrl)).toEqual([url("rds")]);
		lab.remove("a");
		await waitUntil("it is told to be gone", () => has.responses.length > 1);
		expect(problems()).toEqual([]);
	});

	it("an Envoy receives a service of any size", async () => {
		lab.change("a", HUGE);
		const stream = lab.stream(undefined, -1);
		stream.send(url("eds"), ["a", "b"], { node: { id: "n", userAgentName: "envoy" } });
		await waitUntil("both have come", () => named(stream).length === 2);
		expect(stream.responses.map(({ bytes }) => bytes > 4 * MIB)).toContain(true);
		expect(problems()).toEqual([]);
	});

	it("10,000 endpoints in a service reach clients of both families", async () => {
		const start = cpuTime();
		lab.change("a", endpoints(10_000));
		for (const userAgentName of ["envoy", "gRPC Go"]) {
			const stream = lab.stream();
			stream.send(url("eds"), ["a"], { node: { id: "n", userAgentName } });
			const [response] = await stream.received(1);
			expect(response?.bytes).toBeGreaterThan(100_000);
		}
		expect(cpuTime() - start).toBeLessThan(5_000);
	});

	it("10,000 services reach a wildcard, and so does their end", async () => {
		// As long as names can be: more than 4 MiB together, and their names alone, too.
		const names = many(18_000, `${"n".repeat(245)}-`);
		lab.changeAll(names);
		// A complete set cannot be split; Envoy takes it (see docs/protocol.md).
		const stream = lab.stream(undefined, mode === "sotw" ? -1 : undefined);
		stream.send(url("cds"), [], { node: { id: "n" } });
		await waitUntil("all have come", () => named(stream).length === names.length + 3);
		const first = stream.responses.length;
		expect(first > 1).toBe(mode === "delta");
		for (const { nonce } of stream.responses) stream.send(url("cds"), [], { responseNonce: nonce });
		lab.removeAll(names);
		const gone = mode === "delta" ? names.length : 3;
		await waitUntil("all are gone", () => named(stream).length === names.length + 3 + gone);
		expect(stream.responses.length > first + 1).toBe(mode === "delta");
		expect(await lab.changeArrives()).toBeLessThan(2_000);
	});

	it("a reconnect with 100,000 names is answered, and holds the others up for no long time", async () => {
		const names = many(100_000, "service-");
		lab.changeAll(names.slice(0, 50_000));
		const set = lab.cache.acquire("eds", "envoy");
		const versions = Object.fromEntries(names.map((name) => [name, set.get(name)?.version ?? "old"]));
		const stream = lab.stream(undefined, -1);
		stream.send(url("eds"), names, {
			node: { id: "n" },
			...(mode === "delta" ? { initialResourceVersions: versions } : { versionInfo: set.version }),
		});
		let longest = 0;
		// SotW cannot say what it has: everything comes again. In delta it is what is gone.
		const awaited = mode === "delta" ? 50_000 : 100_000;
		let come = 0;
		for (let read = 0; come < awaited; longest = Math.max(longest, await lab.changeArrives()))
			for (; read < stream.responses.length; read++) come += stream.responses[read]?.names.length ?? 0;
		expect(named(stream)).toHaveLength(awaited);
		expect(longest).toBeLessThan(4_000);
		stream[Symbol.dispose]();
		await lab.onlyGoodIsLeft();
	});
});

it("a delta wildcard that brings 100,000 versions of what is gone is told so, in parts", async () => {
	await using lab = await HostileLab.start("delta");
	const stream = lab.stream();
	const gone = many(100_000, `${"gone-".repeat(10)}-`);
	stream.send(url("cds"), [], {
		node: { id: "n" },
		initialResourceVersions: Object.fromEntries([...gone, "a"].map((name) => [name, "v"])),
	});
	const told = () => stream.responses.flatMap(({ names }) => names);
	await waitUntil("all is told", () => told().length === gone.length + 3);
	expect(new Set(told())).toEqual(new Set(["a", "b", "good", ...gone.map((name) => `-${name}`)]));
	expect(stream.responses.length).toBeGreaterThan(1);
	stream[Symbol.dispose]();
	await lab.onlyGoodIsLeft();
});
