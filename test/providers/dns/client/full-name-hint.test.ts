import { expect, it } from "vitest";
import { fullNameHint } from "../../../../src/providers/dns/client/domain-name.js";

it.each([
	["web", "; no search domain is added: write the full name"],
	["web.shop.svc", "; no search domain is added: write web.shop.svc.cluster.local"],
	["web.shop.svc.", "; no search domain is added: write web.shop.svc.cluster.local"],
	["web.shop.svc.cluster.local", ""],
	["web.internal", ""],
])("%s: what a search domain would have found is told", (name, hint) => {
	expect(fullNameHint(name)).toBe(hint);
});
