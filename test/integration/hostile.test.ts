import { readFile } from "node:fs/promises";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cpuTimeOf } from "../../lab/cpu-time.js";
import type { Mode } from "../../lab/envoy-bootstrap.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { frame, RawConnection } from "../../lab/raw-call.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL, type XdsRequest, xdsMethod } from "../../lab/xds-protos.js";
import { runProgram } from "../cli/run-program.js";

/** What a terminal would obey, or what would turn the rest of a line around. */
const UNCLEAN = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;
const EVIL = "\u001b]0;evil\u0007\u009b2J\u2028\u202e";
const ADS = {
	sotw: "discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
	delta: "discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
};

function subscribe(mode: Mode, id: string, ...names: string[]): XdsRequest {
	const wanted = mode === "sotw" ? { resource_names: names } : { resource_names_subscribe: names };
	return { node: { id, user_agent_name: "gRPC lab" }, type_url: TYPE_URL.eds, ...wanted };
}

describe.each<Mode>(["sotw", "delta"])("the program and hostile clients, %s", (mode) => {
	let fingerpost: Fingerpost;
	let good: XdsStream;
	let round = 0;
	beforeAll(async () => {
		fingerpost = await Fingerpost.start({
			// So few that a server on a busy machine reads more.
			xds: { limits: { requestsPerSecond: 50 } },
			services: { web: { endpoints: [] }, other: { endpoints: [] } },
		});
		good = new XdsStream({ port: fingerpost.xdsPort, mode });
		good.send(subscribe(mode, "good", "web"));
		await good.next("endpoints", () => true);
	});
	afterAll(async () => {
		good?.[Symbol.dispose]();
		await fingerpost?.[Symbol.asyncDispose]();
	});

	/** @returns the milliseconds that Fingerpost computed until it came from the file to the well-behaved client. */
	async function changeArrives(): Promise<number> {
		const port = 1_000 + ++round;
		const before = good.responses.length;
		const start = await cpuTimeOf(fingerpost.pid);
		await fingerpost.setServices({ web: { endpoints: [`127.0.0.1:${port}`] } });
		await good.next("the change", ({ resources }) => JSON.stringify(resources).includes(`${port}`), before);
		return (await cpuTimeOf(fingerpost.pid)) - start;
	}

	async function memory(): Promise<number> {
		const text = await readFile(`/proc/${fingerpost.pid}/status`, "utf8");
		return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) / 1_024;
	}

	it("shows what clients say of themselves cleanly in the log, the API and the terminal", async () => {
		using stream = new XdsStream({ port: fingerpost.xdsPort, mode });
		const names = ["web", `a${EVIL}b`, "__proto__"];
		stream.send({
			...subscribe(mode, `node${EVIL}`, ...names),
			node: { id: `node${EVIL}`, user_agent_name: `gRPC${EVIL}` },
		});
		stream.send({ type_url: `unknown/${EVIL}`, node: { id: "" } });
		const { nonce } = await stream.next("endpoints", ({ resources }) => resources.some(({ name }) => name === "web"));
		const logged = fingerpost.log.length;
		stream.send({
			type_url: TYPE_URL.eds,
			response_nonce: nonce,
			error_detail: { code: 13, message: `no${EVIL}\nand no` },
			...(mode === "sotw" && { resource_names: names }),
		});
		await fingerpost.waitForWarning(/rejected/, logged);
		for (const { text } of fingerpost.log) expect(text).not.toMatch(UNCLEAN);

		const api = await fingerpost.get("/api/v1/clients");
		expect(api.trimEnd()).not.toMatch(UNCLEAN);
		const client = (await fingerpost.clients()).find(({ node }) => node.startsWith("node"));
		// The names are what they are.
		expect(client?.types.eds?.names).toEqual([...names].sort());
		const admin = ["--admin", new URL(fingerpost.adminUrl).host];
		for (const output of ["table", "wide", "json", "yaml"]) {
			const { code, stdout } = await runProgram(["status", ...admin, "-o", output]);
			expect(code).toBe(0);
			for (const line of stdout.split("\n")) expect(line, output).not.toMatch(UNCLEAN);
		}
	});

	it("shows on a service what clients reject of it", async () => {
		using stream = new XdsStream({ port: fingerpost.xdsPort, mode });
		stream.send(subscribe(mode, "grumbler", "other"));
		const { nonce } = await stream.next("endpoints", () => true);
		stream.send({
			type_url: TYPE_URL.eds,
			response_nonce: nonce,
			error_detail: { code: 13, message: "I do not\nlike it" },
			...(mode === "sotw" && { resource_names: ["other"] }),
		});
		const problem = await waitUntil("it is shown", async () => (await fingerpost.service("other")).problems[0]);
		expect(problem).toMatchObject({ type: "eds", family: "grpc", reason: "rejected", message: "I do not\nlike it" });
		expect(problem).toMatchObject({ rejectedBy: 1, ackedBy: 0 });
		const { stdout } = await runProgram(["services", "other", "--admin", new URL(fingerpost.adminUrl).host]);
		expect(stdout).toMatch(
			/^Problems:\n {2}eds for grpc, rejected by 1 of 1 clients for \d+s: I do not\n {4}like it$/m,
		);
		stream[Symbol.dispose]();
		await waitUntil("it is no more", async () => (await fingerpost.service("other")).problems.length === 0);
	});

	it("serves the others at once while many flood it, and has its memory back afterwards", async () => {
		const { encode } = xdsMethod("ads", mode);
		const odd = Array.from({ length: 500 }, (_, i) => `odd-${i}`);
		const flood = Buffer.concat(
			Array.from({ length: 300 }, (_, i) =>
				frame(encode(subscribe(mode, "flood", "web", `${i}`, ...(i % 50 ? [] : odd)))),
			),
		);
		const wave = async () => {
			const connections = Array.from({ length: 10 }, () => new RawConnection(fingerpost.xdsPort));
			const calls = connections.map((connection) => connection.open(ADS[mode]).read());
			let longest = 0;
			for (let i = 0; i < 5; i++) {
				for (const call of calls) call.sendBytes(flood);
				longest = Math.max(longest, await changeArrives());
			}
			for (const connection of connections) connection[Symbol.dispose]();
			return longest;
		};
		await wave();
		await waitUntil("they are gone", async () => (await fingerpost.clients()).length === 1);
		const before = await memory();
		for (let i = 0; i < 3; i++) expect(await wave()).toBeLessThan(2_000);
		await waitUntil("they are gone", async () => (await fingerpost.clients()).length === 1);
		// What grows is garbage that is not collected yet.
		expect((await memory()) - before).toBeLessThan(150);
		await waitUntil("the limit is reached", async () => {
			const metrics = await fingerpost.get("/metrics");
			if (/fingerpost_limits_reached_total\{limit="requestsPerSecond"\} [1-9]/.test(metrics)) return true;
			await wave();
			return false;
		});
		expect(
			fingerpost.log.some(({ text }) => text.includes('"limit":"requestsPerSecond"') && text.includes("flood")),
		).toBe(true);
	});

	it("takes over other limits from the config, and counts and logs who reaches them", async () => {
		const services = { web: { endpoints: [] }, other: { endpoints: [] } };
		await fingerpost.writeConfig(JSON.stringify({ xds: { limits: { names: 3, nameLength: 10 } }, services }));
		const refused = async (...names: string[]) => {
			using stream = new XdsStream({ port: fingerpost.xdsPort, mode });
			stream.send(subscribe(mode, "greedy", ...names));
			const answered = stream
				.next("an answer", () => true)
				.then(
					() => undefined,
					() => stream.status,
				);
			return await answered;
		};
		const many = await waitUntil("they are in use", () => refused("1", "2", "3", "4"));
		expect(many).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
		expect(await refused("12345678901")).toMatchObject({ code: status.INVALID_ARGUMENT });
		expect(await refused("1", "2", "1234567890")).toBeUndefined();
		const metrics = await fingerpost.get("/metrics");
		expect(metrics).toMatch(/fingerpost_limits_reached_total\{limit="names"\} [1-9]/);
		expect(metrics).toMatch(/fingerpost_limits_reached_total\{limit="nameLength"\} 1/);
		expect((await fingerpost.waitForWarning(/xds\.limits\.nameLength/)).text).toMatch(/"address":"127\.0\.0\.1:\d+"/);
	});
});

it("a service that gRPC clients could not receive is shown as such, and the log says so once", async () => {
	await using fingerpost = await Fingerpost.start({ services: { big: { endpoints: ["127.0.0.1:1"] } } });
	using stream = new XdsStream({ port: fingerpost.xdsPort });
	stream.send(subscribe("sotw", "n", "big"));
	await stream.next("endpoints", () => true);
	// With long names a few are much.
	const hostname = Array.from({ length: 4 }, () => "h".repeat(60)).join(".");
	const endpoints = (count: number) =>
		Array.from({ length: count }, (_, i) => ({ address: `10.0.${i >> 8}.${i & 255}:80`, hostname }));
	await fingerpost.setServices({ big: { endpoints: endpoints(18_000) } });
	await fingerpost.waitForWarning(/too large/);
	const { problems } = await fingerpost.service("big");
	expect(problems).toMatchObject([{ type: "eds", family: "grpc", reason: "tooLarge" }]);
	await waitUntil("the program shows it", async () => {
		const { stdout, stderr } = await runProgram(["services", "big", "--admin", new URL(fingerpost.adminUrl).host]);
		if (/^Problems:\n {2}eds for grpc, too large for clients for \d+s: it has \d+\.\d MiB/m.test(stdout)) return true;
		// It gives up after 5 s, which may be too soon where the machine is busy.
		throw new Error(`${stderr}${stdout.slice(0, 1_000)}`);
	});
	const gauge = 'fingerpost_withheld_resources{type="eds",family="grpc"}';
	expect(await fingerpost.get("/metrics")).toContain(`${gauge} 1`);
	await fingerpost.setServices({ big: { endpoints: endpoints(2) } });
	await stream.next("it is small again", () => true, 1);
	expect(await fingerpost.get("/metrics")).toContain(`${gauge} 0`);
	expect((await fingerpost.service("big")).problems).toEqual([]);
	expect(fingerpost.log.filter(({ text }) => text.includes("too large"))).toHaveLength(1);
});
