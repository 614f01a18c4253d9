import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeDns, optRecord, type Reaction, record } from "../../../../lab/fake-dns.js";
import { freePorts } from "../../../../lab/ports.js";
import type { HostPort } from "../../../../src/model/host-port.js";
import { askServers } from "../../../../src/providers/dns/client/ask-servers.js";
import type { RecordType, Reply } from "../../../../src/providers/dns/client/message.js";
import { ServerHabits } from "../../../../src/providers/dns/client/server-habits.js";
import { SourceFailed } from "../../../../src/util/errors.js";
import { heldClock } from "../../held-clock.js";

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
			// With EDNS and without.
			expect(transports(first)).toBe("udp tcp udp tcp");
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

	const NO_EDNS: readonly (readonly [string, Reaction])[] = [
		["says FORMERR to it", { rcode: "FORMERR", noQuestion: true }],
		["says NOTIMP to it", { rcode: "NOTIMP" }],
		["does not know its version", { extendedRcode: 1, answers: [] }],
		["puts it among the answers", { answers: [optRecord()] }],
		["puts it before the answer, in its place", { answers: [optRecord(), record("web.test", "A", 30, "10.6.6.6")] }],
		["answers garbage to it", { bytes: Buffer.from("not a message of DNS, but long enough") }],
	];

	it.each(NO_EDNS)("is asked without EDNS of a server that %s, and from then on", async (_, reaction) => {
		first.react = ({ edns }) => (edns ? reaction : undefined);
		const habits = new ServerHabits();
		for (let i = 0; i < 3; i++) {
			const reply = await askServers(at(first), { name: "web.test", type: "A" }, { timeout: 5_000, signal, habits });
			expect(addresses(reply)).toEqual(["10.0.0.1"]);
		}
		const udp = first.queries.filter(({ transport }) => transport === "udp");
		expect(udp.map(({ edns }) => edns)).toEqual([true, false, false, false]);
	});

	it("is asked without EDNS the second time where the first one is dropped, and from then on", async () => {
		first.react = ({ edns }) => (edns ? { silent: true } : undefined);
		const habits = new ServerHabits();
		const options = { timeout: 400, signal, habits };
		for (let i = 0; i < 2; i++) {
			expect(addresses(await askServers(at(first), { name: "web.test", type: "A" }, options))).toEqual(["10.0.0.1"]);
		}
		expect(first.queries.map(({ edns }) => edns)).toEqual([true, false, false]);
	});

	it("is asked with EDNS again of a server that has understood it, however often it is silent", async () => {
		const habits = new ServerHabits();
		const options = { timeout: 400, signal, habits };
		const asked = () => askServers(at(first), { name: "web.test", type: "A" }, options);
		await asked();
		first.react = () => (first.count() === 2 ? { silent: true } : undefined);
		await asked();
		await asked();
		expect(first.queries.map(({ edns }) => edns)).toEqual([true, true, false, true]);
	});

	it.each(["FORMERR", "NOTIMP", "SERVFAIL", "REFUSED", "YXDOMAIN", "NOTAUTH", "RCODE_15"] as const)(
		"answered with %s in every way is a failure",
		async (rcode) => {
			first.react = () => ({ rcode });
			await expect(ask(at(first))).rejects.toThrow(`web.test A: ${rcode} from ${first.address}`);
		},
	);

	it("answered with a code that only EDNS can carry is a failure, though the rest of it reads as NOERROR", async () => {
		first.react = () => ({ extendedRcode: 1, answers: [] });
		await expect(ask(at(first))).rejects.toThrow(`web.test A: BADVERS from ${first.address}`);
		first.react = () => ({ extendedRcode: 2, answers: [] });
		await expect(ask(at(first))).rejects.toThrow(`web.test A: RCODE_32 from ${first.address}`);
	});

	it("answered in part over TCP too is a failure: the rest of the set may be missing", async () => {
		first.react = ({ transport }) =>
			transport === "udp" ? { truncated: true } : { cut: true, answers: [record("web.test", "A", 30, "10.0.0.1")] };
		await expect(ask(at(first))).rejects.toThrow(`a truncated answer, over TCP too from ${first.address}`);
		expect(addresses(await ask(at(first, second)))).toEqual(["10.0.0.2"]);
	});

	it("is in letters of random case, which a forger must guess", async () => {
		for (let i = 0; i < 8; i++) await ask(at(first));
		expect(new Set(first.queries.map(({ asked }) => asked)).size).toBeGreaterThan(3);
		expect(first.queries.every(({ asked }) => asked.toLowerCase() === "web.test")).toBe(true);
	});

	it("is in small letters for a server that does not send back what it got, from then on", async () => {
		first.react = () => ({ lowerCase: true });
		const habits = new ServerHabits();
		const options = { timeout: 5_000, signal, habits };
		let mixed = 0;
		for (let i = 0; i < 6; i++) {
			expect(addresses(await askServers(at(first), { name: "web.test", type: "A" }, options))).toEqual(["10.0.0.1"]);
			mixed = first.queries.filter(({ asked }) => asked !== "web.test").length;
		}
		expect(mixed).toBe(1);
		expect(transports(first)).not.toContain("tcp");
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
