// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of configs
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { environmentSubstitute } from "../../src/config/environment.js";
import { YamlDocument } from "../../src/input/yaml/yaml-document.js";
import { readYamlSubset } from "../../src/input/yaml/yaml-subset.js";
import { randomRuns } from "../random-runs.js";

const substitute = environmentSubstitute({ HOST: "1.2.3.4", PORT: "80", EMPTY: "", DOLLAR: "${PORT}" });

describe("environment variables", () => {
	it.each([
		["${HOST}:${PORT}", "1.2.3.4:80"],
		["${NONE:-x}", "x"],
		["${EMPTY:-x}", "x"],
		["${EMPTY}", ""],
		["${NONE:-}", ""],
		["${PORT:-x}", "80"],
		["${NONE:-a:-b}", "a:-b"],
		["$$", "$"],
		["$${PORT}", "${PORT}"],
		["$$${PORT}", "$80"],
		["$PORT $ 5$", "$PORT $ 5$"],
		["${DOLLAR}", "${PORT}"],
	])("%s becomes %j", (text, result) => {
		expect(substitute(text)).toBe(result);
	});

	it.each([
		["${NONE}", "the environment variable NONE is not set; set it, or give a default: ${NONE:-default}"],
		["${toString}", /toString is not set/],
		["a ${PORT", /has no closing brace/],
		["${}", /is no variable/],
		["${A B}", /is no variable/],
		["${1A}", /is no variable/],
		["${A-b}", /is no variable/],
	])("%s is refused", (text, message) => {
		expect(() => substitute(text)).toThrow(message);
	});

	it("are replaced the same by both readers", () => {
		const text = fc.array(fc.constantFrom("$", "${PORT}", "${NONE:-7}", "${EMPTY}", "${", "}", "$$", "a", " ", "1"), {
			maxLength: 5,
		});
		const quote = fc.constantFrom("", '"', "'");
		fc.assert(
			fc.property(text, quote, (parts, mark) => {
				const source = `a:\n  - b: ${mark}${parts.join("")}${mark}\n`;
				const quick = readYamlSubset(source, substitute);
				const whole = new YamlDocument(source, "f", substitute);
				if (quick) expect({ ...quick, problems: [] }).toEqual({ value: whole.value, problems: whole.problems });
			}),
			randomRuns(2_000),
		);
	});
});
