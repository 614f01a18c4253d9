import { describe, expect, it } from "vitest";
import type { InvalidConfig } from "../../../src/input/invalid-config.js";
import { readProviderSettings } from "../../../src/providers/provider-settings.js";

function problemsOf(sd: unknown): string {
	try {
		readProviderSettings({ sd });
		return "";
	} catch (error) {
		return (error as InvalidConfig).message;
	}
}

describe("the settings of HTTP", () => {
	it("all have a default, or may be missing", () => {
		const { options } = readProviderSettings({ sd: {} }).get("sd") ?? {};
		expect(options).toEqual({ interval: 30_000, timeout: 10_000, maxBytes: 16_777_216 });
	});

	it.each([
		[{ interval: "500ms" }, "expected a duration such as 30s, at least 1s"],
		[{ timeout: "0s" }, "at least 100ms"],
		[{ tokenFile: "token" }, "expected an absolute path"],
		[{ cert: "/c" }, "cert goes with key, which is not given"],
		[{ maxBytes: 0 }, "a limit is at least 1, not 0"],
		[{ maxBytes: 1e9 }, "a limit is at most 268435456"],
		[{ token: "secret" }, 'unknown key "token"; known keys: interval, timeout, tokenFile'],
	])("%j is refused with the reason", (settings, problem) => {
		expect(problemsOf(settings)).toContain(problem);
	});
});
