import { beforeEach, describe, expect, it } from "vitest";
import type { TypeId } from "../../../src/resources/resource-type.js";
import type { Mode } from "../../../src/server/wire/mode.js";
import { ScopedPeer } from "../scoped-peer.js";

let peer: ScopedPeer;

beforeEach(() => {
	peer = new ScopedPeer();
	for (const name of ["a", "b", "c"]) for (const type of ["cds", "eds"] as const) peer.put(type, name, "1");
});

const subscription = () => [...peer.session.subscriptions][0];

/** All that is due is taken and ACKed: `name=content`, and `-name` of what is removed. */
function take(type: TypeId, names: readonly string[]): string[] {
	const taken: string[] = [];
	for (let sent = peer.next(); sent; sent = peer.next()) {
		taken.push(...[...sent.resources].map(([name, content]) => `${name}=${content}`));
		taken.push(...sent.removed.map((name) => `-${name}`));
		peer.send({ type, nonce: sent.nonce, version: sent.version, names: peer.mode === "sotw" ? names : [] });
	}
	return taken;
}

it("a client of complete sets is without what it may not see at once, though it acknowledges nothing and is searched", () => {
	const names = ["a", "b", "c"];
	peer.open("sotw");
	peer.send({ type: "cds", names });
	take("cds", names);
	for (const name of ["a", "b"]) peer.put("cds", name, "2");
	const rejected = peer.next()?.nonce ?? "";
	peer.put("cds", "c", "2");
	peer.next();
	peer.send({ type: "cds", names, nonce: rejected, error: "bad" });
	expect(peer.next()).toBeUndefined();
	peer.allow(["a", "b"], false);
	expect([...(peer.next()?.resources.keys() ?? [])]).toEqual(["a", "b"]);
});

it("what a client of complete sets has rejected is forgotten with what it may not see any more", () => {
	peer.open("sotw");
	peer.send({ type: "cds", names: ["a", "b"] });
	take("cds", ["a", "b"]);
	peer.put("cds", "a", "2");
	peer.send({ type: "cds", names: ["a", "b"], nonce: peer.next()?.nonce ?? "", error: "bad" });
	expect([...(subscription()?.stream.nacks.names() ?? [])]).toEqual(["a"]);
	peer.allow(["b"], false);
	expect(subscription()?.stream.nacks.size).toBe(0);
});

describe.each<Mode>(["sotw", "delta"])("a %s stream that may see other services from now on", (mode) => {
	it.each<TypeId>(["cds", "eds"])("is due for what it asks for alone, %s", (type) => {
		peer.open(mode);
		peer.allow(["a"], false);
		peer.send({ type, names: ["a", "b"] });
		take(type, ["a", "b"]);
		peer.allow(["*"], false);
		expect(["a", "b", "c"].map((name) => subscription()?.isDueFor(name))).toEqual([false, true, false]);
		expect(take(type, ["a", "b"])).toContain("b=1");
		expect([peer.saysDue, subscription()?.isDue]).toEqual([false, false]);
	});
});
