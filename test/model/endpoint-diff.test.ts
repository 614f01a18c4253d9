import { describe, expect, it } from "vitest";
import { endpoint } from "../../src/model/endpoint.js";
import { changeText, changeTexts, diffEndpoints } from "../../src/model/endpoint-diff.js";

const plain = endpoint({ address: "127.0.0.1", port: 8082 });

describe("the text of a change", () => {
	it("says what was and what is, of that alone which differs", () => {
		expect(changeText(plain, { ...plain, weight: 0 })).toBe("127.0.0.1:8082 weight 100 -> 0");
		expect(changeText({ ...plain, weight: 0, health: "draining" }, { ...plain, priority: 2 })).toBe(
			"127.0.0.1:8082 health draining -> unknown, weight 0 -> 100, priority 0 -> 2",
		);
	});

	it("says what comes and goes", () => {
		const locality = { region: "eu", zone: "a", subZone: "" };
		const more = { ...plain, locality, hostname: "b.internal", metadata: { b: "2", a: "1" } };
		expect(changeText(plain, more)).toBe(
			"127.0.0.1:8082 locality - -> eu/a, hostname - -> b.internal, metadata - -> a=1,b=2",
		);
		expect(changeText({ ...plain, metadata: { a: "1" } }, plain)).toBe("127.0.0.1:8082 metadata a=1 -> -");
		expect(changeText({ ...plain, metadata: { a: "1" } }, { ...plain, metadata: { a: 1 } })).toBe(
			'127.0.0.1:8082 metadata {"a":"1"} -> {"a":1}',
		);
	});

	it("is there for each endpoint that stays and differs, wherever it stands in the lists", () => {
		const at = (port: number, weight = 100, priority = 0) => ({ ...plain, port, weight, priority });
		const difference = diffEndpoints([at(1), at(2), at(3)], [at(2), at(3, 7), at(4), at(1, 100, 1)]);
		expect(changeTexts(difference)).toEqual(["127.0.0.1:3 weight 100 -> 7", "127.0.0.1:1 priority 0 -> 1"]);
	});
});
