import { isIPv4 } from "node:net";
import { type Answer, encode } from "dns-packet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { record, soaRecord } from "../../../../lab/fake-dns.js";
import { lookUpAddresses, lookUpSrv } from "../../../../src/providers/dns/client/look-up.js";
import { encodeQuery, type Question, readReply } from "../../../../src/providers/dns/client/message.js";
import { SourceFailed } from "../../../../src/util/errors.js";
import { randomRuns } from "../../../random-runs.js";

const ID = 4_711;
const signal = new AbortController().signal;

const AUTHORITATIVE = 1 << 10;
const RECURSIVE = 1 << 7;

interface Parts {
	readonly answers?: Answer[];
	readonly authorities?: Answer[];
	readonly additionals?: Answer[];
}

function response(question: Question, parts: Parts, flags = AUTHORITATIVE) {
	return encode({ type: "response", id: ID, flags, questions: [{ ...question, class: "IN" }], ...parts });
}

const A: Question = { name: "web.test", type: "A" };
const SRV: Question = { name: "_grpc._tcp.web.test", type: "SRV" };

const address = response(A, {
	answers: [
		record("WEB.test", "CNAME", 9, "b.test"),
		record("b.test", "A", 7, "10.0.0.1"),
		record("b.test", "A", 8, "10.0.0.2"),
	],
	authorities: [record("test", "NS", 60, "ns.test")],
	additionals: [record("ns.test", "A", 60, "10.0.0.9")],
});

const brought: Parts = {
	answers: [record(SRV.name, "SRV", 60, "1 2 3 A.test"), record(SRV.name, "SRV", 60, "1 2 4 b.test")],
	additionals: [
		record("a.test", "A", 5, "10.0.0.1"),
		record("a.test", "AAAA", 50, "0:0::1"),
		record("c.test", "A", 1, "10.9.9.9"),
	],
};
const services = response(SRV, brought, RECURSIVE);

function asker(bytes: Buffer) {
	return async (question: Question) => {
		const reply = readReply(bytes, ID, question);
		if (!reply) throw new SourceFailed("none");
		return reply;
	};
}

async function addresses(bytes: Buffer) {
	return lookUpAddresses(asker(bytes), { ...A, type: "A" }, signal);
}

describe("an answer", () => {
	it("is read along its CNAME; it lives as long as its shortest record", async () => {
		expect(await addresses(address)).toEqual({ addresses: ["10.0.0.1", "10.0.0.2"], ttl: 7 });
	});

	it("of SRV brings the addresses of its hosts, and lives as long as the shortest of both", async () => {
		expect(await lookUpSrv(asker(services), SRV.name, signal)).toEqual({
			records: [
				{ priority: 1, weight: 2, port: 3, host: "a.test" },
				{ priority: 1, weight: 2, port: 4, host: "b.test" },
			],
			additional: new Map([
				["A a.test", ["10.0.0.1"]],
				["AAAA a.test", ["::1"]],
			]),
			ttl: 5,
		});
	});

	it.each([
		["of a server of one zone brings none of another", AUTHORITATIVE, [], []],
		[
			"brings those of the zone that the server names",
			AUTHORITATIVE,
			[soaRecord("test", 9)],
			["A a.test", "AAAA a.test"],
		],
		["brings none of a zone that has nothing to do with the question", AUTHORITATIVE, [soaRecord("a.test", 9)], []],
		["brings none by the word of the root", AUTHORITATIVE, [record(".", "NS", 9, "ns.test")], []],
		["of a resolver brings all", RECURSIVE, [], ["A a.test", "AAAA a.test"]],
	])("%s", async (_, flags, authorities, expected) => {
		const { additional, ttl } = await lookUpSrv(
			asker(response(SRV, { ...brought, authorities }, flags)),
			SRV.name,
			signal,
		);
		expect([...additional.keys()]).toEqual(expected);
		expect(ttl).toBe(expected.length > 0 ? 5 : 60);
	});

	it("of another class is none", async () => {
		const chaos = { ...record("web.test", "A", 60, "10.0.0.66"), class: "CH" } as Answer;
		await expect(addresses(response(A, { answers: [chaos] }))).rejects.toThrow("an answer about other names");
		const both = response(A, { answers: [chaos, record("web.test", "A", 60, "10.0.0.1")] });
		expect((await addresses(both)).addresses).toEqual(["10.0.0.1"]);
	});

	it.each([
		["the SOA's minimum", [soaRecord("test", 33)], 33],
		["the SOA's own TTL where that is shorter", [soaRecord("test", 7_200)], 3_600],
		["no time that it says", [], undefined],
	])("that there is nothing lives for %s", async (_, authorities, ttl) => {
		expect(await addresses(response(A, { authorities }))).toEqual({ addresses: [], missing: "NODATA", ttl });
	});

	it("is as short-lived as the CNAME that leads to it", async () => {
		const answers = [record("web.test", "CNAME", 3, "b.test"), record("b.test", "A", 7, "10.0.0.1")];
		expect((await addresses(response(A, { answers }))).ttl).toBe(3);
		const dangling = response(A, { answers: answers.slice(0, 1), authorities: [soaRecord("test", 9)] });
		expect(await addresses(dangling)).toEqual({ addresses: [], missing: "NODATA", ttl: 3 });
	});

	it("that refers to other servers does not say that there is nothing", async () => {
		const referral = response(A, { authorities: [record("test", "NS", 60, "ns.test")] });
		await expect(addresses(referral)).rejects.toThrow("web.test A: a referral to other servers");
		const nothing = response(A, {});
		nothing.writeUInt16BE(0x8000, 2);
		await expect(addresses(nothing)).rejects.toThrow("web.test A: a referral to other servers, or no answer");
	});

	it("to several questions or of another kind is none", () => {
		const two = encode({ type: "response", id: ID, questions: [{ ...A }, { ...A }] });
		expect(readReply(two, ID, A)).toBeUndefined();
		const update = Buffer.from(address);
		update.writeUInt16BE(0x8400 | (5 << 11), 2);
		expect(readReply(update, ID, A)).toBeUndefined();
	});

	it("about other names does not say that there is nothing", async () => {
		const bytes = response(A, {
			answers: [record("wen.test", "A", 60, "10.0.0.1")],
			authorities: [soaRecord("test", 9)],
		});
		await expect(addresses(bytes)).rejects.toThrow("web.test A: an answer about other names");
	});

	it("has no time to live where its TTL is beyond what there can be", async () => {
		const { ttl } = await addresses(response(A, { answers: [record("web.test", "A", 0x8000_0000, "10.0.0.1")] }));
		expect(ttl).toBe(0);
	});

	it("that is cut short anywhere is none", () => {
		for (const [question, bytes] of [
			[A, address],
			[SRV, services],
		] as const) {
			expect(readReply(bytes, ID, question)).toBeDefined();
			for (let length = 0; length < bytes.length; length++) {
				expect(readReply(bytes.subarray(0, length), ID, question)).toBeUndefined();
			}
		}
	});

	it("of garbage is a failure or holds only what could be meant, and never throws anything else", async () => {
		const edits = fc.array(fc.tuple(fc.nat(address.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
		await fc.assert(
			fc.asyncProperty(edits, async (list) => {
				const bytes = Buffer.from(address);
				for (const [at, value] of list) bytes[at] = value;
				try {
					const answer = await addresses(bytes);
					expect(answer.addresses.every((text) => isIPv4(text))).toBe(true);
				} catch (error) {
					expect(error).toBeInstanceOf(SourceFailed);
				}
			}),
			randomRuns(2_000),
		);
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
				readReply(Buffer.from(bytes), ID, A);
			}),
		);
	});
});

describe("a query", () => {
	it("asks for recursion and says how much a datagram may hold", () => {
		const query = encodeQuery(ID, A, { edns: true });
		expect(query.readUInt16BE(0)).toBe(ID);
		expect(query.readUInt16BE(2)).toBe(0x0100);
		expect(query.subarray(-11).toString("hex")).toBe("00002904d0000000000000");
		expect(encodeQuery(ID, A, { edns: false })).toHaveLength(query.length - 11);
	});
});
