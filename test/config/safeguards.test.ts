import { describe, expect, it } from "vitest";
import { DEFAULT_GUARD, KEEP_FOR_EVER, safeguardsOf } from "../../src/model/keep/safeguards.js";
import { problems, read } from "./read-text.js";

describe("guard, onFailure and state in a config", () => {
	it("are read at the top, of a service and of a target", () => {
		const config = read(`
guard: {maxRemovalPercent: 50, holdFor: 5m}
onFailure: {keep: 10m, then: degrade}
state: {directory: kept}
services:
  off: {target: "127.0.0.1:1", guard: off, onFailure: keep}
  own: {targets: [{target: "127.0.0.1:1", guard: {minEndpoints: 2, registry: off}, onFailure: drop}]}
`);
		expect(config.guard).toEqual({ maxRemovalPercent: 50, holdFor: 300_000 });
		expect(config.onFailure).toEqual({ keep: 600_000, after: "degrade" });
		expect(config.state).toEqual({ directory: "/etc/fingerpost/kept" });
		expect(config.services.get("off")).toMatchObject({ guard: "off", onFailure: KEEP_FOR_EVER });
		expect(config.services.get("own")?.targets[0]).toMatchObject({
			guard: { minEndpoints: 2, registry: false },
			onFailure: { keep: 0, after: "drop" },
		});
	});

	it("hold nothing and keep everything where nothing is written; an empty guard is the default one", () => {
		const config = read("services: {plain: '127.0.0.1:1', own: {target: '127.0.0.1:1', guard: {}}}");
		expect(config.state?.directory).toBeUndefined();
		const of = (name: string) => safeguardsOf(config, config.services.get(name));
		expect(of("plain")).toEqual({ guard: undefined, onFailure: KEEP_FOR_EVER });
		expect(of("own").guard).toEqual(DEFAULT_GUARD);
		expect(safeguardsOf(read("guard: {}\nservices: {}")).guard).toEqual(DEFAULT_GUARD);
	});

	it.each([
		["guard: on", "guard: expected off or settings such as {maxRemovalPercent: 80}"],
		["guard: {maxRemovalPercent: 101}", "a percentage is at most 100, not 101"],
		["guard: {minEndpoints: 1.5}", "expected a whole number such as 2"],
		["guard: {holdfor: 1m}", 'unknown key "holdfor"; did you mean "holdFor"?'],
		["onFailure: never", "onFailure: expected keep, drop or {keep: 10m, then: degrade}"],
		["onFailure: {keep: 10m}", "then"],
		["onFailure: {keep: 10m, then: keep}", "expected one of drop, degrade"],
		["state: {directory: ''}", "expected a directory"],
		["state: {dir: /x}", 'unknown key "dir"'],
	])("%s is an error", (text, message) => {
		const found = problems(`${text}\nservices: {}\n`);
		expect(found.join("\n")).toContain(message);
		expect(found[0]).toMatch(/^\/etc\/fingerpost\/f\.yaml:1:\d+/);
	});
});
