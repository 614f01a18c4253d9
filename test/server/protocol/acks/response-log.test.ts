import { beforeEach, describe, expect, it } from "vitest";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { ResponseLog, type SentResponse } from "../../../../src/server/protocol/acks/response-log.js";
import { atOnce } from "../../../../src/util/steps.js";
import { resourceOf } from "../transcripts/content.js";

const EDS = resourceType("eds");
const [A1, A2, B1] = [resourceOf(EDS, "a", "1"), resourceOf(EDS, "a", "2"), resourceOf(EDS, "b", "1")];
const ERROR = { code: 3, message: "bad" };

let log: ResponseLog;

beforeEach(() => {
	log = new ResponseLog();
});

/** Records a response of that nonce, whose version is `v` and the nonce. */
function record(nonce: number, parts: Partial<SentResponse> = {}, resources = [A1]): SentResponse {
	const content = { resources, removed: [], accepted: false };
	const plain = { replacedVersions: [], probe: false, since: undefined };
	const response = { nonce: String(nonce), version: `v${nonce}`, content, ...plain, ...parts };
	log.record(nonce, response);
	return response;
}

describe("the log of responses", () => {
	it("is empty at first", () => {
		expect([log.lastNonce, log.lastSequence, log.inFlight, log.sent, log.acked]).toEqual(["", 0, 0, null, null]);
		expect(log.acknowledge("", undefined)).toBeUndefined();
	});

	it("knows what was sent last, and what is in flight", () => {
		record(1);
		record(4, {}, [B1, A2]);
		expect([log.lastNonce, log.lastSequence, log.inFlight, log.sent?.version]).toEqual(["4", 4, 2, "v4"]);
		expect([...atOnce(log.inFlightNames())]).toEqual(["a", "b"]);
		expect(["a", "b", "c"].map((name) => log.hasInFlight(name))).toEqual([true, true, false]);
		expect(["1", "4", "5"].map((nonce) => log.isInFlight(nonce))).toEqual([true, true, false]);
	});

	it("takes an acknowledgement once, and with it those of the older responses", () => {
		const [, second] = [record(1), record(2), record(3)];
		expect(log.acknowledge("2", undefined)).toEqual({ kind: "ack", response: second, probeSkipped: false });
		expect([log.inFlight, log.acked?.version, log.isInFlight("3")]).toEqual([1, "v2", true]);
		expect(["1", "2", "9"].map((nonce) => log.acknowledge(nonce, undefined))).toEqual([
			undefined,
			undefined,
			undefined,
		]);
		expect(log.acknowledge("3", undefined)?.kind).toBe("ack");
		expect([log.inFlight, log.acked?.version]).toEqual([0, "v3"]);
	});

	it("remembers the newest 64 responses in flight of a client that acknowledges none", () => {
		for (let nonce = 1; nonce <= 65; nonce++) record(nonce);
		expect([log.inFlight, log.isInFlight("1"), log.isInFlight("2"), log.isInFlight("65")]).toEqual([
			...[64, false, true, true],
		]);
	});

	it("counts a version that the client came with as sent and ACKed", () => {
		log.alreadyHas("v");
		expect([log.sent?.version, log.acked?.version, log.inFlight, log.lastNonce]).toEqual(["v", "v", 0, ""]);
	});

	it("says when it was", () => {
		const before = Date.now();
		record(1);
		log.acknowledge("1", undefined);
		for (const at of [log.sent?.at, log.acked?.at]) {
			expect(at?.getTime()).toBeGreaterThanOrEqual(before);
			expect(at?.getTime()).toBeLessThanOrEqual(Date.now());
		}
	});
});

describe("a NACK", () => {
	it("leaves the version that was ACKed as it was", () => {
		const response = record(1);
		expect(log.acknowledge("1", ERROR)).toEqual({
			...{ kind: "nack", response, error: "bad", first: true, probeSkipped: false },
		});
		expect([log.inFlight, log.acked]).toEqual([0, null]);
	});

	it("is the first where the version or the text is another than last time", () => {
		const first = (version: string, message: string) => {
			record(log.lastSequence + 1, { version });
			const ack = log.acknowledge(log.lastNonce, { ...ERROR, message });
			return ack?.kind === "nack" && ack.first;
		};
		expect([first("v", "x"), first("v", "x"), first("v", "y"), first("w", "y"), first("w", "y")]).toEqual([
			...[true, false, true, true, false],
		]);
	});

	it("is not the first where it is for a probe", () => {
		record(1, { probe: true });
		expect(log.acknowledge("1", ERROR)).toMatchObject({ kind: "nack", first: false });
	});

	it("with the old error in it, as Envoy sends it after one that it withheld, is an ACK of the newest version", () => {
		record(1);
		record(2);
		expect(log.acknowledge("2", ERROR, "v2")?.kind).toBe("ack");
	});

	it.each([
		["it is of the only response in flight", [1], "1", "v1", undefined],
		["a newer response is in flight", [1, 2, 3], "2", "v2", undefined],
		["it says another version", [1, 2], "2", "v1", undefined],
		["it says none, as in delta", [1, 2], "2", undefined, undefined],
		["its version was ACKed before", [1, 2], "2", "v2", "v2"],
	] as const)("is one though it may carry an old error where %s", (_, sent, nonce, version, has) => {
		if (has) log.alreadyHas(has);
		for (const each of sent) record(each);
		expect(log.acknowledge(nonce, ERROR, version)?.kind).toBe("nack");
	});
});

describe("an acknowledgement", () => {
	it.each([undefined, ERROR])("tells whether an older probe is skipped by it (error: %j)", (error) => {
		record(1, { probe: true });
		record(2);
		record(3);
		expect(log.acknowledge("2", error)?.probeSkipped).toBe(true);
		expect(log.acknowledge("3", error)?.probeSkipped).toBe(false);
	});

	it("of the probe itself skips none, nor does one where a probe comes later", () => {
		record(1);
		record(2, { probe: true });
		expect(log.acknowledge("1", undefined)?.probeSkipped).toBe(false);
		expect(log.acknowledge("2", undefined)?.probeSkipped).toBe(false);
		for (const nonce of [3, 4]) record(nonce);
		record(5, { probe: true });
		expect(log.acknowledge("4", undefined)?.probeSkipped).toBe(false);
		record(6);
		record(7, { probe: true });
		expect(log.acknowledge("6", undefined)?.probeSkipped).toBe(true);
		record(8);
		record(9, { probe: true });
		log.acknowledge("8", undefined);
		expect(log.acknowledge("9", undefined)?.probeSkipped).toBe(false);
	});
});

describe("what later responses replace, once one is rejected", () => {
	it("is what the rejected one was to replace", () => {
		const rejected = record(1, { replacedVersions: ["old"] }, [A1]);
		const later = record(2, { replacedVersions: ["other", A1.version] }, [B1, A2]);
		const unlike = record(3, { replacedVersions: ["another"] }, [A2]);
		log.acknowledge("1", ERROR);
		log.correctLater(rejected);
		expect(later.replacedVersions).toEqual(["other", "old"]);
		expect(unlike.replacedVersions).toEqual(["another"]);
	});

	it("is nothing where the client had nothing before", () => {
		const rejected = record(1, { replacedVersions: [] }, [A1]);
		const later = record(2, { replacedVersions: [A1.version] }, [A2]);
		log.acknowledge("1", ERROR);
		log.correctLater(rejected);
		expect(later.replacedVersions).toEqual([""]);
	});
});
