import { expect, it } from "vitest";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { applyAck } from "../../../../src/server/protocol/acks/apply-ack.js";
import { Nacks } from "../../../../src/server/protocol/acks/nacks.js";
import type { Ack } from "../../../../src/server/protocol/acks/response-log.js";
import type { TypeStream } from "../../../../src/server/protocol/acks/type-stream.js";
import { resourceOf } from "../transcripts/content.js";

const EDS = resourceType("eds");

it("an ACK that passes over a probe ends its search", () => {
	const nacks = new Nacks();
	const suspects = ["a", "b"].map((name) => resourceOf(EDS, name, "1"));
	nacks.add({ version: "v", names: ["a", "b"], suspects, accused: 2, error: "bad" });
	nacks.takeProbe();
	const set = { accept: () => {} } as unknown as TypeStream["set"];
	const response = { content: { resources: [], removed: [] }, probe: false } as unknown as Ack["response"];
	const takeBack = () => expect.unreachable();
	applyAck({ kind: "ack", response, probeSkipped: false }, { set, nacks }, takeBack);
	expect(nacks.isSearching).toBe(true);
	applyAck({ kind: "ack", response, probeSkipped: true }, { set, nacks }, takeBack);
	expect([nacks.isSearching, [...nacks.names()]]).toEqual([false, ["a", "b"]]);
});
