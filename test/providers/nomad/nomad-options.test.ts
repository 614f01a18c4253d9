import { describe, expect, it } from "vitest";
import type { InvalidConfig } from "../../../src/input/invalid-config.js";
import { readProviderSettings } from "../../../src/providers/provider-settings.js";

function problemsOf(nomad: unknown): string {
	try {
		readProviderSettings({ nomad });
		return "";
	} catch (error) {
		return (error as InvalidConfig).message;
	}
}

describe("the settings of Nomad", () => {
	it("all have a default, or may be missing", () => {
		const { options } = readProviderSettings({ nomad: {} }).get("nomad") ?? {};
		expect(options).toEqual({
			...{ address: "http://127.0.0.1:4646", namespace: "default", stale: false, maxQueries: 80 },
		});
	});

	it.each([
		[{ address: "127.0.0.1:4646" }, "expected a URL such as http://127.0.0.1:4646"],
		[{ token: "a", tokenFile: "/t" }, "tokenFile: give either token or tokenFile, not both"],
		[{ token: "a b" }, "a token has no blanks"],
		[{ cert: "/c" }, "cert: cert goes with key, which is not given"],
		[{ stale: "yes" }, "expected true or false"],
		[{ maxQueries: 0 }, "expected at least 1"],
		[{ namespace: "*" }, "name one namespace"],
		[{ datacenter: "dc1" }, 'unknown key "datacenter"'],
	])("%j is refused with the reason", (settings, problem) => {
		expect(problemsOf(settings)).toContain(problem);
	});
});
