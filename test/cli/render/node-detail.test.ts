import { expect, it } from "vitest";
import { renderNode } from "../../../src/cli/render/node-detail.js";
import type { ClientStatus } from "../../../src/server/protocol/client-status.js";
import { fakeClient, NOON } from "../../admin/fake-sources.js";
import { clientJson } from "../../admin/json.js";

const style = { wide: false, colours: false, now: NOON };

/** What is said of where a client is. */
function place(said: Partial<ClientStatus>): string | undefined {
	const client = { ...clientJson(fakeClient(said)), types: {} };
	return /envoy 1\.40\.0, (.*)from 127/.exec(renderNode({ clients: [client] }, style))?.[1];
}

it("a client is shown with the zone and the group that decide what it gets, where there are any", () => {
	expect(place({})).toBe("");
	expect(place({ zone: { region: "eu", zone: "a" } })).toBe("in zone eu/a, ");
	expect(place({ zone: { region: "", zone: "a" }, group: 0 })).toBe("in zone a, group 0, ");
	expect(place({ zone: { region: "eu", zone: "" } })).toBe("in region eu, ");
	expect(place({ group: 63 })).toBe("group 63, ");
});
