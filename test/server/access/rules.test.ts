import { describe, expect, it } from "vitest";
import { AccessRules } from "../../../src/server/access/access-rules.js";
import { DebugRules } from "../../../src/server/access/debug-rules.js";

const node = (id: string, cluster = "") => ({ id, cluster });

describe("access rules", () => {
	const rules = new AccessRules([
		{ identity: "spiffe://prod/ns/shop/*", services: ["shop/*", "common"] },
		{ identity: "token:*", services: ["*"], node: { cluster: "ops-*" } },
		{ identity: "token:*", services: ["common"], node: { id: "n?1" } },
	]);

	it("are everything without rules, and nothing for whom none fits", () => {
		expect(new AccessRules().scopeOf({ identity: undefined, node: undefined })).toBeUndefined();
		expect(new AccessRules().matchOf({ identity: undefined, node: undefined })).toBeUndefined();
		for (const list of [rules, new AccessRules([])]) {
			const scope = list.scopeOf({ identity: undefined, node: node("n", "ops-1") });
			expect([scope?.isEmpty, scope?.allows("common")]).toEqual([true, false]);
			const none = { rule: null, identity: null, services: [] };
			expect(list.matchOf({ identity: undefined, node: node("n", "ops-1") })).toEqual(none);
		}
	});

	it("are the first that fits, by identity and by what the node claims", () => {
		const of = (identity: string, id = "n", cluster = "") => rules.matchOf({ identity, node: node(id, cluster) })?.rule;
		expect(of("spiffe://prod/ns/shop/sa/web")).toBe(0);
		expect(of("spiffe://prod/ns/bank/sa/web")).toBe(null);
		expect(of("xspiffe://prod/ns/shop/sa/web")).toBe(null);
		expect(of("token:a", "n", "ops-1")).toBe(1);
		expect(of("token:a", "n?1", "ops-1")).toBe(1);
		// Only * stands for something else.
		expect(of("token:a", "n?1")).toBe(2);
		expect(of("token:a", "nx1")).toBe(null);
		expect(rules.matchOf({ identity: "token:a", node: undefined })?.rule).toBe(null);
	});

	it("allow what one of the patterns fits, whole names alone", () => {
		const scope = rules.scopeOf({ identity: "spiffe://prod/ns/shop/sa/web", node: undefined });
		const names = ["shop/web", "shop/a/b", "shop/", "common", "common2", "xcommon", "shop", "bank", ""];
		expect(names.filter((name) => scope?.allows(name))).toEqual(["shop/web", "shop/a/b", "shop/", "common"]);
		expect(rules.scopeOf({ identity: "token:a", node: node("n", "ops-1") })).toBeUndefined();
	});

	it("share a scope exactly where the services and what is told are the same", () => {
		const keyOf = (services: string[], denied?: "told") =>
			new AccessRules([{ identity: "*", services }], denied).scopeOf({ identity: undefined, node: undefined })?.key;
		expect(keyOf(["a", "b", "a"])).toBe(keyOf(["b", "a"]));
		expect(keyOf(["a"])).not.toBe(keyOf(["a"], "told"));
		expect(keyOf(['a","b'])).not.toBe(keyOf(["a", "b"]));
	});
});

describe("who may ask for client status and reflection", () => {
	const allowed = (setting: ConstructorParameters<typeof DebugRules>[0], addresses: string[], identity?: string) =>
		addresses.filter((address) => new DebugRules(setting).allows({ identity, address }));

	it("is who comes from loopback or by a Unix socket unless it is said", () => {
		const near = ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "unix:/run/a.sock"];
		const far = ["10.0.0.1", "::ffff:10.0.0.1", "128.0.0.1", "fe80::1", "127.0.0.1.test", ""];
		expect(allowed(undefined, [...near, ...far], "spiffe://ops/a")).toEqual(near);
	});

	it("is nobody, or who has one of the identities, from wherever", () => {
		expect(allowed("off", ["127.0.0.1"], "spiffe://ops/a")).toEqual([]);
		expect(allowed(["spiffe://ops/*"], ["10.0.0.1"], "spiffe://ops/a")).toEqual(["10.0.0.1"]);
		expect(allowed(["spiffe://ops/*", "*"], ["127.0.0.1"])).toEqual([]);
		expect(allowed([], ["127.0.0.1"], "spiffe://ops/a")).toEqual([]);
	});
});
