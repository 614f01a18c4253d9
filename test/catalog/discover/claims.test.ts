import { describe, expect, it } from "vitest";
import { type Claim, Claims } from "../../../src/catalog/discover/claims.js";
import { service } from "../fake-provider.js";

const entryAt = (place: number) => ({ place, target: { text: `fake:///${place}/*` } });

const claim = (entry: Claim["entry"], key: string, name = "web"): Claim => ({
	entry,
	key,
	definition: service(name, []),
});

describe("a name that several services of registries would have", () => {
	it("is that of the first entry's, and there of the first in order, whoever came first", () => {
		const claims = new Claims();
		const [one, other] = [entryAt(0), entryAt(1)];
		const [a, b, c] = [claim(one, "b"), claim(one, "a"), claim(other, "A")];
		for (const each of [c, a, b]) claims.add(each);
		expect(claims.first("web")).toBe(b);
		claims.remove(b);
		expect(claims.first("web")).toBe(a);
		claims.remove(a);
		expect(claims.first("web")).toBe(c);
		claims.remove(c);
		expect(claims.first("web")).toBeUndefined();
		claims.remove(c);
		expect(claims.first("web")).toBeUndefined();
	});

	it("is another's when the entries are in another order, and that is told of contested names alone", () => {
		const claims = new Claims();
		const [one, other] = [entryAt(0), entryAt(1)];
		const [a, b] = [claim(one, "a"), claim(other, "b")];
		for (const each of [a, b, claim(one, "c", "cart")]) claims.add(each);
		[one.place, other.place] = [1, 0];
		expect(claims.first("web")).toBe(a);
		expect(claims.reorder()).toEqual(["web"]);
		expect(claims.first("web")).toBe(b);
	});
});
