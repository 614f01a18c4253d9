import { pino } from "pino";
import { expect, it, vi } from "vitest";
import { ClientLog } from "../../src/app/log/client-log.js";

interface Line {
	readonly address: string;
	readonly unlogged?: number;
	readonly msg: string;
}

function startLog() {
	const lines: Line[] = [];
	const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
	return { lines, log, clients: new ClientLog(log) };
}

it("a peer that reconnects without end causes at most 1 kB a second, from whatever port, and others are logged", () => {
	using time = fakeTime();
	const { lines, clients } = startLog();
	let bytes = 0;
	for (let second = 0; second < 100; second++) {
		for (let port = 0; port < 100; port++) {
			clients.write("client connected", { address: `::ffff:10.0.0.1:${port}`, node: "n".repeat(200) });
		}
		time.pass(1_000);
	}
	for (const line of lines) bytes += JSON.stringify(line).length;
	expect(bytes).toBeLessThan(32 * 1_024 + 101_000);
	const told = lines.reduce((sum, { unlogged = 0 }) => sum + unlogged, lines.length);
	clients.write("client connected", { address: "10.0.0.2:1" });
	expect(lines.at(-1)).toMatchObject({ address: "10.0.0.2:1", msg: "client connected" });
	expect(clients.suppressed).toBeGreaterThan(9_000);
	// All that is missing is told of, or will be with the next line.
	expect(told).toBeGreaterThan(9_900);
});

it("what was left out of a peer that has fallen silent is told within a minute", () => {
	using time = fakeTime();
	const { lines, clients } = startLog();
	for (let i = 0; i < 1_000; i++) clients.write("client disconnected", { address: "10.0.0.1:5" });
	const written = lines.length;
	time.pass(60_000);
	expect(lines.slice(written)).toEqual([
		expect.objectContaining({
			address: "10.0.0.1",
			unlogged: 1_000 - written,
			msg: expect.stringContaining("not logged"),
		}),
	]);
	time.pass(600_000);
	expect(lines).toHaveLength(written + 1);
});

it("what was left out is told at the end", () => {
	using time = fakeTime();
	const { lines, clients } = startLog();
	for (let i = 0; i < 1_000; i++) clients.write("client disconnected", { address: "10.0.0.1:5" });
	const written = lines.length;
	time.pass(1_000);
	clients[Symbol.dispose]();
	expect(lines.slice(written)).toEqual([expect.objectContaining({ unlogged: 1_000 - written })]);
	time.pass(600_000);
	expect(lines).toHaveLength(written + 1);
});

it("lines below the log's level cost a peer nothing", () => {
	const { lines, log, clients } = startLog();
	log.level = "warn";
	for (let i = 0; i < 1_000; i++) clients.write("client connected", { address: "10.0.0.1:5" });
	clients.write("client rejected a response", { address: "10.0.0.1:5" });
	expect(lines).toHaveLength(1);
	expect(clients.suppressed).toBe(0);
});

it("what a peer causes at debug has a bound of its own, and takes nothing from its warnings", () => {
	const { lines, log, clients } = startLog();
	log.level = "trace";
	const request = { address: "10.0.0.1:5", node: "n".repeat(1_000) };
	for (let i = 0; i < 10_000; i++) clients.write("request", request);
	const bytes = lines.reduce((sum, line) => sum + JSON.stringify(line).length, 0);
	expect(bytes).toBeGreaterThan(200_000);
	expect(bytes).toBeLessThan(400_000);
	clients.write("client rejected a response", { address: "10.0.0.1:5" });
	expect(lines.at(-1)).toMatchObject({ msg: "client rejected a response" });
	expect(lines.at(-1)?.unlogged).toBeUndefined();
});

function fakeTime() {
	vi.useFakeTimers();
	return { pass: (ms: number) => vi.advanceTimersByTime(ms), [Symbol.dispose]: () => void vi.useRealTimers() };
}

it("names that do not exist, however many are asked for, leave room for what else is to be told of the peer", () => {
	using time = fakeTime();
	const { lines, clients } = startLog();
	for (let second = 0; second < 100; second++) {
		for (let i = 0; i < 200; i++)
			clients.write("client asks for a name that no service has", { address: "10.0.0.1:5", name: `${second}-${i}` });
		time.pass(1_000);
	}
	expect(lines.length).toBeGreaterThan(10);
	const sent = "client sends more requests than xds.limits allows; they are read more slowly";
	clients.write(sent, { address: "10.0.0.1:5", limit: "requestsPerSecond" });
	expect(lines.at(-1)?.msg).toBe(sent);
	time.pass(60_000);
	const told = lines.reduce((sum, { unlogged = 0 }) => sum + unlogged, lines.length);
	expect(told).toBeGreaterThanOrEqual(20_001);
});
