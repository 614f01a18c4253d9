// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of configs
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readText } from "../../src/input/text/read-text.js";
import { environmentSubstitute, withoutValue } from "../../src/input/variables.js";
import { randomRuns } from "../random-runs.js";

const variables = { HOST: "1.2.3.4", PORT: "80", EMPTY: "", DOLLAR: "${PORT}" };
const substitute = environmentSubstitute(variables);

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
		["${}", /is not a variable/],
		["${A B}", /is not a variable/],
		["${1A}", /is not a variable/],
		["${A-b}", /is not a variable/],
	])("%s is refused", (text, message) => {
		expect(() => substitute(text)).toThrow(message);
	});

	it("are replaced the same in JSON and in YAML", () => {
		const text = fc.array(fc.constantFrom("$", "${PORT}", "${NONE:-7}", "${EMPTY}", "${", "}", "$$", "a", " ", "1"), {
			maxLength: 5,
		});
		fc.assert(
			fc.property(text, (parts) => {
				const json = JSON.stringify({ a: [{ b: parts.join("") }] });
				const options = { file: "f", variables };
				// A comment makes it YAML.
				expect(readText(json, options)).toEqual(readText(`${json} #`, options));
			}),
			randomRuns(2_000),
		);
	});
});

describe("a message about a value that came of variables", () => {
	it.each([
		['expected a duration, not "s3cret"', "s3cret", 'expected a duration, not "…"'],
		['"S3CRET" is no host', "http://s3cret:80", '"…" is no host'],
		["the port must be 1 to 65535, not 99999", "1.2.3.4:99999", "the port must be … to 65535, not …"],
		["expected 5s, not the number 5", "5", "expected 5s, not the number …"],
		['not "aaaaaaaaaa…"', "a".repeat(50), 'not "…"'],
		['"./xyz" does not begin with /', "file://./xyz", '"…" does not begin with /'],
		['expected http1, not ""', "", 'expected http1, not ""'],
	])("%s, of %s, becomes %s", (message, value, told) => {
		expect(withoutValue(message, value)).toBe(told);
	});
});
