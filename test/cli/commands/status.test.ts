import { describe, expect, it } from "vitest";
import type { ClientJson, TypeJson } from "../../../src/admin/admin-json.js";
import { renderStatus } from "../../../src/cli/render/status-table.js";
import type { TypeStatus } from "../../../src/server/protocol/client-status.js";
import { fakeClient, NOON } from "../../admin/fake-sources.js";
import { clientJson } from "../../admin/json.js";

const style = { wide: false, colours: false, now: new Date(NOON.getTime() + 300_000) };

function eds(parts: Partial<TypeStatus>): TypeStatus {
	const at = NOON;
	return {
		mode: "delta",
		wildcard: false,
		names: ["a", "b"],
		sent: { version: "v2", at },
		acked: { version: "v2", at },
		nacked: null,
		missing: [],
		asksNothing: false,
		synced: true,
		...parts,
	};
}

function render(clients: readonly ClientJson[], wide = false): string[] {
	return renderStatus({ clients }, { ...style, wide }).split("\n");
}

describe("the status table", () => {
	it("has a line a client and type, types in order", () => {
		const cds = eds({ wildcard: true, names: [] });
		const client = clientJson(fakeClient({ types: { eds: eds({}), cds } }));
		expect(render([client])).toEqual([
			"NODE      FAMILY   TYPE   MODE    NAMES   SENT   ACKED   STATE    AGE",
			"envoy-1   envoy    cds    delta   *       v2     v2      synced   5m",
			"envoy-1   envoy    eds    delta   2       v2     v2      synced   5m",
			"",
			"1 client: 2 types synced",
			"",
		]);
	});

	it("tells what is pending from what was rejected, with the client's own words below", () => {
		const acked = { version: "v1", at: NOON };
		const nacked = {
			version: "v2",
			resources: ["a", "b"],
			error: "malformed\nIP \u001b[31maddress",
			at: NOON,
			searching: false,
		};
		const lines = render([
			clientJson(fakeClient({ types: { eds: eds({ acked, synced: false }) } })),
			clientJson(fakeClient({ node: "envoy-2", stream: 7, types: { eds: eds({ acked, nacked, synced: false }) } })),
		]);
		expect(lines[1]).toMatch(/v2 +v1 +pending/);
		expect(lines[2]).toMatch(/v2 +v1 +NACK/);
		expect(lines.slice(3)).toEqual([
			"",
			"2 clients: 1 type NACK, 1 pending",
			"",
			"NACKs:",
			"envoy-2 (stream 7) eds v2, 5m ago: a, b",
			"  malformed",
			"  IP \\u001b[31maddress",
			"",
		]);
	});

	it("tells a client that asks for no names from one that has all", () => {
		const nothing = eds({ names: [], sent: null, acked: null, asksNothing: true, synced: false });
		expect(render([clientJson(fakeClient({ types: { eds: nothing } }))])[1]).toMatch(
			/delta +0 +- +- +asks nothing +5m$/,
		);
	});

	it("shows what is asked for and does not exist, with what may have been meant", () => {
		const missing = eds({ names: ["greter", "zzz"], missing: ["greter", "zzz"] });
		const clients = [clientJson(fakeClient({ node: "vm", types: { eds: missing, lds: missing } }))];
		const text = renderStatus({ clients, serviceNames: ["greeter"] }, style);
		expect(text).toMatch(/vm +envoy +eds +delta +2 +v2 +v2 +missing +5m\n/);
		expect(text).toContain(`
Missing:
vm asks for "greter", which does not exist; did you mean "greeter"?
vm asks for "zzz", which does not exist
`);
	});

	it("is understood of an API that does not know what is missing", () => {
		const [client] = [clientJson(fakeClient({ types: { eds: eds({}) } }))];
		const { missing: _, ...old } = client.types.eds as TypeJson;
		expect(renderStatus({ clients: [{ ...client, types: { eds: old as TypeJson } }] }, style)).toContain("synced");
	});

	it("shows a client that has asked for nothing yet", () => {
		expect(render([clientJson(fakeClient({ node: "" }))])[1]).toMatch(/^- +envoy +- +- +- +- +- +- +5m$/);
	});

	it("adds stream, address, user agent, identity and zone when wide", () => {
		const zone = { region: "eu", zone: "eu-1a" };
		const client = fakeClient({ identity: "dns:a.test", zone, types: { eds: eds({}) } });
		const lines = render([clientJson(client), clientJson(fakeClient({ node: "z", types: { eds: eds({}) } }))], true);
		expect(lines[0]).toMatch(/AGE +STREAM +ADDRESS +USER-AGENT +IDENTITY +ACCESS +ZONE$/);
		expect(lines[1]).toMatch(/5m +1 +127\.0\.0\.1:50000 +envoy 1\.40\.0 +dns:a\.test +- +eu\/eu-1a$/);
		expect(lines[2]).toMatch(/^z .* - +-$/);
	});
});
