import { beforeEach, describe, expect, it } from "vitest";
import type { TypeId } from "../../../src/resources/resource-type.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import { areSteps, atOnce } from "../../../src/util/steps.js";
import { SessionPeer } from "./transcripts/session-peer.js";

let peer: SessionPeer;

beforeEach(() => {
	peer = new SessionPeer();
});

function receive(type: TypeId, names: readonly string[], nonce = "") {
	const rest = { nonce, version: "", typeUrl: "", error: undefined };
	const request = { ...rest, names, subscribe: names, unsubscribe: [], initialVersions: new Map() };
	return peer.session.receive(resourceType(type), request as never);
}

/** What the session says of a request for these names. */
function received(...request: Parameters<typeof receive>) {
	const said = receive(...request);
	return areSteps(said) ? atOnce(said) : said;
}

describe.each(["sotw", "delta"] as const)("a request of a %s stream", (mode) => {
	beforeEach(() => peer.open(mode));

	it("asks for nothing where it is the first of its type, has no name and means no wildcard", () => {
		expect([received("eds", []).asksNothing, received("eds", []).asksNothing]).toEqual([true, false]);
		expect([received("cds", []).asksNothing, received("rds", ["a"]).asksNothing]).toEqual([false, false]);
		expect(peer.session.status()).toMatchObject({
			eds: { asksNothing: true, synced: false },
			cds: { asksNothing: false },
			rds: { asksNothing: false },
		});
	});

	it("tells each name that does not exist once", () => {
		peer.put("eds", "there", "1");
		expect(received("lds", []).missing).toEqual([]);
		expect(received("rds", ["gone"]).missing).toEqual(["gone"]);
		expect(received("eds", ["there", "gone"]).missing).toEqual(["gone"]);
		expect(received("eds", ["there", "gone"]).missing).toEqual([]);
		expect(received("cds", []).missing).toEqual([]);
		expect(peer.session.status().eds?.missing).toEqual(["gone"]);
	});

	it("leaves the client out of sync until all of it is taken", () => {
		peer.put("eds", "a", "1");
		peer.send({ type: "eds", names: ["a"] });
		const { nonce = "" } = peer.next() ?? {};
		peer.send({ type: "eds", names: mode === "sotw" ? ["a"] : [], nonce });
		expect(peer.session.status().eds?.synced).toBe(true);
		const during: unknown[] = [];
		peer.send({ type: "eds", names: ["a", "b", "c"], nonce }, () => during.push(peer.session.status().eds?.synced));
		expect([during.length > 0, during.includes(true)]).toEqual([true, false]);
		while (peer.next()) {}
		expect(peer.session.status().eds?.synced).toBe(false);
	});

	it("is taken at once where it is an ACK that asks for nothing new", () => {
		const names = ["a"];
		peer.put("eds", "a", "1");
		received("eds", names);
		const ack = { names: mode === "sotw" ? names : [], nonce: String(peer.session.next()?.sent.nonce) };
		expect(areSteps(receive("eds", ack.names, ack.nonce))).toBe(false);
		expect(peer.session.status().eds?.synced).toBe(true);
	});

	it("is of a stream that knows its types and their names", () => {
		received("eds", ["a", "b"]);
		expect([...peer.session.namesOf(resourceType("eds"))]).toEqual(["a", "b"]);
		expect([...peer.session.namesOf(resourceType("cds"))]).toEqual([]);
	});
});

it("a part of a rejected response that is tried is nobody's request: it counts as pushed", () => {
	peer.open("sotw");
	for (const name of ["a", "b"]) peer.put("eds", name, "1");
	peer.send({ type: "eds", names: ["a", "b"] });
	const first = peer.session.next();
	expect([first?.push, first?.sent.probe]).toEqual([false, false]);
	peer.send({ type: "eds", names: ["a", "b"], nonce: first?.sent.nonce ?? "", error: "bad" });
	const probe = peer.session.next();
	expect([probe?.push, probe?.sent.probe]).toEqual([true, true]);
});

it("nothing is next where nothing is due", () => {
	peer.open("delta");
	expect([peer.session.isDue, peer.session.next()]).toEqual([false, undefined]);
});
