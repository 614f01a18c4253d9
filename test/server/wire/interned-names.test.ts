import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { waitUntil } from "../../../lab/wait-until.js";
import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../../src/gen/envoy/service/discovery/v3/discovery.js";
import { DEFAULT_LIMITS } from "../../../src/model/limits.js";
import { InternedNames } from "../../../src/server/wire/interned-names.js";
import { LastNames } from "../../../src/server/wire/last-names.js";
import { RpcError } from "../../../src/server/wire/rpc-error.js";
import { decodeDeltaRequest, decodeSotwRequest } from "./decode-at-once.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function sotw(...resourceNames: string[]): Uint8Array {
	return DiscoveryRequest.encode(DiscoveryRequest.fromPartial({ resourceNames, responseNonce: "7" })).finish();
}

function delta(...resourceNamesSubscribe: string[]): Uint8Array {
	const request = DeltaDiscoveryRequest.fromPartial({ resourceNamesSubscribe, resourceNamesUnsubscribe: ["z"] });
	return DeltaDiscoveryRequest.encode(request).finish();
}

describe("lists of names", () => {
	it("are the same object for streams that ask for the same", () => {
		const lists = new InternedNames();
		const read = (bytes: Uint8Array) => decodeSotwRequest(bytes, false, new LastNames(lists)).names;
		const first = read(sotw("a", "bc", ""));
		expect(first).toEqual(["a", "bc", ""]);
		expect(read(sotw("a", "bc", ""))).toBe(first);
		expect(decodeDeltaRequest(delta("a", "bc", ""), false, DEFAULT_LIMITS, lists).subscribe).toBe(first);
	});

	it("are in memory once for streams that ask for the same in another order", () => {
		const lists = new InternedNames();
		const read = (...names: string[]) => decodeDeltaRequest(delta(...names), false, DEFAULT_LIMITS, lists).subscribe;
		const first = read("a", "b", "c");
		expect(read("c", "a", "b")).toBe(first);
		expect(decodeSotwRequest(sotw("b", "c", "a"), false, new LastNames(lists)).names).toBe(first);
		expect(read("a", "b")).toEqual(["a", "b"]);
		expect(read("b", "a", "d")).toEqual(["b", "a", "d"]);
		expect(read("a", "a", "c")).toEqual(["a", "a", "c"]);
		expect(read("c", "c", "a")).toEqual(["c", "c", "a"]);
	});

	it("are others for streams that ask for others, whatever was asked for before", () => {
		const lists = new InternedNames();
		for (const names of [["a", "b"], ["a"], ["b"], ["ab"], ["a", "b", "c"], ["é", "è"], ["x".repeat(300)], []]) {
			expect(decodeSotwRequest(sotw(...names), false, new LastNames(lists)).names).toEqual(names);
			const { subscribe, unsubscribe } = decodeDeltaRequest(delta(...names), false, DEFAULT_LIMITS, lists);
			expect({ subscribe, unsubscribe }).toEqual({ subscribe: names, unsubscribe: ["z"] });
		}
	});

	it("are found again for as long as one stream has them, and are not kept after that", async () => {
		const lists = new InternedNames();
		const bytes = delta("a", "bc");
		const read = () => decodeDeltaRequest(bytes, false, DEFAULT_LIMITS, lists).subscribe;
		let held: readonly string[] | undefined;
		vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
		try {
			held = read();
			// A list is kept for the next stream for so long.
			vi.advanceTimersByTime(1_000);
			expect(vi.getTimerCount()).toBe(0);
		} finally {
			vi.useRealTimers();
		}
		const seen = new WeakRef(held);
		collect();
		expect(read()).toBe(held);
		held = undefined;
		await waitUntil("the list is gone", async () => {
			collect();
			await delay(0);
			return seen.deref() === undefined;
		});
		expect(read()).toEqual(["a", "bc"]);
	});

	it("that are known are refused once they are over a limit", () => {
		const lists = new InternedNames();
		const bytes = delta("a", "bcdefghi");
		const read = (limits = DEFAULT_LIMITS) => decodeDeltaRequest(bytes, false, limits, lists).subscribe;
		expect(read()).toEqual(["a", "bcdefghi"]);
		expect(() => read({ ...DEFAULT_LIMITS, names: 1 })).toThrow(RpcError);
		expect(() => read({ ...DEFAULT_LIMITS, nameLength: 7 })).toThrow(RpcError);
		expect(read({ ...DEFAULT_LIMITS, names: 2, nameLength: 8 })).toEqual(["a", "bcdefghi"]);
	});

	it("that break off within a name are refused each time, with any end", () => {
		const lists = new InternedNames();
		const whole = sotw("a", "b".repeat(200)).subarray(0, 206);
		for (let round = 0; round < 2; round++) {
			for (let end = 4; end < whole.length - 1; end++) {
				expect(() => decodeSotwRequest(whole.subarray(0, end), false, new LastNames(lists))).toThrow();
			}
		}
		const endless = Buffer.from([0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
		expect(() => decodeSotwRequest(endless, false, new LastNames(lists))).toThrow();
	});
});
