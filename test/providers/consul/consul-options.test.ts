import { describe, expect, it } from "vitest";
import type { InvalidConfig } from "../../../src/input/invalid-config.js";
import { readProviderSettings } from "../../../src/providers/provider-settings.js";

function problemsOf(consul: unknown): string {
	try {
		readProviderSettings({ consul });
		return "";
	} catch (error) {
		return (error as InvalidConfig).message;
	}
}

describe("the settings of Consul", () => {
	it("all have a default, or may be missing", () => {
		const { options } = readProviderSettings({ consul: {} }).get("consul") ?? {};
		expect(options).toEqual({
			...{ address: "http://127.0.0.1:8500", stale: false, warning: "healthy", maxQueries: 100 },
		});
	});

	it.each([
		[{ address: "127.0.0.1:8500" }, "expected a URL such as http://127.0.0.1:8500"],
		[{ address: "http://user:secret@consul:8500" }, "expected a URL"],
		[{ token: "a", tokenFile: "/t" }, "tokenFile: give either token or tokenFile, not both"],
		[{ token: "a b" }, "a token has no blanks"],
		[{ tokenFile: "token" }, "expected an absolute path"],
		[{ cert: "/c" }, "cert: cert goes with key, which is not given"],
		[{ key: "/k" }, "key: key goes with cert, which is not given"],
		[{ warning: "degrade" }, 'expected one of healthy, degraded, unhealthy, not "degrade"; did you mean "degraded"?'],
		[{ stale: "yes" }, "expected true or false"],
		[{ maxQueries: 0 }, "expected at least 1"],
		[{ datacentre: "a" }, 'unknown key "datacentre"; did you mean "datacenter"?'],
	])("%j is refused with the reason", (settings, problem) => {
		expect(problemsOf(settings)).toContain(problem);
	});
});
