import { expect, it } from "vitest";
import { renderStatus } from "../../../src/cli/render/status-table.js";
import { fakeClient, NOON } from "../../admin/fake-sources.js";
import { clientJson } from "../../admin/json.js";

it("the status says which replicas do not answer, and nothing of those that do", () => {
	const style = { wide: false, colours: false, now: NOON };
	const client = { ...clientJson(fakeClient()), types: {} };
	const replica = { address: "a:1", id: "x", clients: 1, lastSuccess: null, error: null, state: "synced" } as const;
	const shown = (...replicas: object[]) =>
		renderStatus({ clients: [client], replicas: { known: true, replicas: replicas as never } }, style);
	expect(shown(replica)).not.toContain("replica");
	expect(shown(replica, { ...replica, address: "b:1", state: "stale", error: "gone" })).toContain(
		"\nreplica stale: b:1: gone; its clients still count\n",
	);
});
