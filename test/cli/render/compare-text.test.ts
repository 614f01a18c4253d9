import { describe, expect, it } from "vitest";
import type { CompareJson } from "../../../src/admin/compare-json.js";
import { compareLines } from "../../../src/cli/render/compare-text.js";

const NOW = new Date("2026-11-24T12:05:00.000Z");
const EQUAL: CompareJson = {
	target: "k8s:///shop/web",
	state: "synced",
	lastError: null,
	missing: [],
	extra: [],
	differing: [],
	since: null,
};

describe("what is told of a service that is compared", () => {
	it("is each address and what differs, and for how long", () => {
		const differing = [{ address: "10.0.0.3:80", fields: ["health", "weight"] as const }];
		const since = "2026-11-24T12:00:00.000Z";
		expect(compareLines({ ...EQUAL, missing: ["10.0.0.1:80"], extra: ["10.0.0.2:80"], differing, since }, NOW)).toEqual(
			[
				"Compared with k8s:///shop/web: different for 5m",
				"  10.0.0.1:80 is missing there",
				"  10.0.0.2:80 is only there",
				"  10.0.0.3:80 differs in health, weight",
			],
		);
	});

	it("is that there is no difference, that it is not known, or that the target fails", () => {
		expect(compareLines(EQUAL, NOW)).toEqual(["Compared with k8s:///shop/web: no difference"]);
		const unknown = { ...EQUAL, missing: null, extra: null, differing: null };
		expect(compareLines({ ...unknown, state: "failed", lastError: "refused" }, NOW)).toEqual([
			"Compared with k8s:///shop/web: not known yet; it fails: refused",
		]);
	});

	it("is bounded", () => {
		const missing = Array.from({ length: 25 }, (_, i) => `10.0.0.${i}:80`);
		const lines = compareLines({ ...EQUAL, missing, since: NOW.toISOString() }, NOW);
		expect(lines).toHaveLength(22);
		expect(lines.at(-1)).toBe("  and 5 more like that");
	});
});
