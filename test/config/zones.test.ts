import { describe, expect, it } from "vitest";
import { diffConfigs } from "../../src/cli/diff/config-diff.js";
import { problems, read } from "./read-text.js";

describe("zones and subset in a config", () => {
	it("are read of a service and of a registry", () => {
		const config = read(`
discover: [{target: "k8s:///shop/*:http", zones: off, subset: {size: 30}}, "k8s:///other/*:http"]
services:
  plain: "127.0.0.1:1"
  off: {target: "127.0.0.1:1", zones: off}
  local: {target: "127.0.0.1:1", zones: local}
  own: {target: "127.0.0.1:1", zones: {minEndpoints: 3}, subset: {size: 20}}
  ended: {target: "127.0.0.1:1", zones: {mode: off}}
`);
		const of = (name: string) => {
			const { zones, subset } = config.services.get(name) ?? {};
			return [zones, subset];
		};
		expect(of("plain")).toEqual([undefined, undefined]);
		expect(of("off")).toEqual([{ mode: "off", minEndpoints: 2 }, undefined]);
		expect(of("local")).toEqual([{ mode: "local", minEndpoints: 2 }, undefined]);
		expect(of("own")).toEqual([{ mode: "local", minEndpoints: 3 }, { size: 20 }]);
		expect(of("ended")).toEqual([{ mode: "off", minEndpoints: 2 }, undefined]);
		const [shop, other] = config.discover ?? [];
		expect(shop?.settings).toMatchObject({ zones: { mode: "off" }, subset: { size: 30 } });
		expect([other?.settings.zones, other?.settings.subset]).toEqual([undefined, undefined]);
	});

	it.each([
		["zones: near", "expected local, off or keys such as {minEndpoints: 2}, not"],
		["zones: {minEndpoints: 0}", "a zone has at least 1 endpoint, not 0"],
		["zones: {minEndpoint: 3}", 'did you mean "minEndpoints"?'],
		["zones: {mode: of}", "expected one of local, off"],
		["subset: {size: 1}", "a client has at least 2 endpoints, not 1"],
		["subset: 20", "subset"],
	])("are refused as %s", (written, why) => {
		const found = problems(`services: {web: {target: "127.0.0.1:1", ${written}}}`);
		expect(found.join("\n")).toContain(why);
		expect(found.join("\n")).toMatch(/f\.yaml:1:\d+/);
	});

	it("are told where they are other in another config", () => {
		const before = read(`services: {web: "127.0.0.1:1"}`);
		const after = read(`services: {web: {target: "127.0.0.1:1", zones: off, subset: {size: 20}}}`);
		const [web] = diffConfigs(before, after).changed;
		expect(web?.cluster).toEqual(["zones local, minEndpoints 2 -> off", "subset off -> size 20"]);
		const same = read(`services: {web: {target: "127.0.0.1:1", zones: local}}`);
		expect(diffConfigs(before, same).changed).toEqual([]);
	});
});
