import { describe, expect, it } from "vitest";
import { needingRestart } from "../../src/app/needing-restart.js";
import { parseConfig } from "../../src/config/load.js";
import { Registry } from "../../src/providers/registry.js";

const config = (text: string) =>
	parseConfig(`services: {}\n${text}`, "fingerpost.yaml", { registry: new Registry(), env: {} });

describe("what a reload leaves as it was", () => {
	it.each([
		["xds.listen", "xds: {listen: 127.0.0.1:18100}"],
		["admin.listen", "admin: {listen: 127.0.0.1:18101}"],
		["xds.ttl", "xds: {ttl: 30s}"],
		["xds.rest", "xds: {rest: {listen: 127.0.0.1:18102}}"],
		["xds.limits.streamsPerConnection", "xds: {limits: {streamsPerConnection: 7}}"],
	])("is %s, each way", (key, text) => {
		expect(needingRestart(config(""), config(text)).map((each) => each.key)).toEqual([key]);
		expect(needingRestart(config(text), config("")).map((each) => each.key)).toEqual([key]);
		expect(needingRestart(config(text), config(text))).toEqual([]);
	});

	it("is nothing of what takes effect at once", () => {
		expect(needingRestart(config(""), config("removalGrace: 5s\nxds: {limits: {names: 7}}"))).toEqual([]);
	});
});
