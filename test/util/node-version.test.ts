import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nodeProblem } from "../../src/util/node/node-version.js";

const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

describe("the version of Node", () => {
	it.each(["0.12.18", "14.21.3", "20.20.2", "22.18.9", "22.9.0"])("%s is too old", (version) => {
		const least = engines.node.replace(">=", "");
		expect(nodeProblem(version)).toBe(`Fingerpost needs Node ${least} or later, this is ${version}`);
	});

	it.each(["22.19.0", "22.20.1", "24.0.0", "26.1.0", "100.0.0", "22.19.0-nightly1"])("%s will do", (version) => {
		expect(nodeProblem(version)).toBeUndefined();
	});
});
