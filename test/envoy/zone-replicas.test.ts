import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startBackends, startHttpBackend } from "../../lab/backends.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import { envoyClient, REGION } from "../../lab/zones/zoned-client.js";
import type { ReplicasJson } from "../../src/admin/zones/replica-json.js";
import type { ZoneTrafficJson } from "../../src/admin/zones/zone-json.js";
import { runProgram } from "../cli/run-program.js";

const CALLS = 200;

/** What a replica knows of the zones of `web`: `a 1 of 1, 50 %`. */
async function zones(replica: Fingerpost): Promise<string> {
	const { zones: rows } = await replica.api<{ zones: readonly ZoneTrafficJson[] }>("/services/web");
	return rows.map((row) => `${row.zone} ${row.clients} of ${row.allClients}, ${row.demand * 100} %`).join("; ");
}

describeEnvoys(
	"two replicas, each with the clients of a zone",
	({ binary, mode }) => {
		it("send these to their zone alone, before and after one of them was killed", async () => {
			const state = await mkdtemp(join(tmpdir(), "fingerpost-lab-zones-"));
			await using backends = await startBackends(startHttpBackend, "a0", "a1", "b0", "b1");
			const endpoints = Object.entries(backends)
				.filter(([name]) => /^[ab]\d$/.test(name))
				.map(([name, { address }]) => ({ address, locality: { region: REGION, zone: name[0] } }));
			const services = { web: { endpoints } };
			await using first = await Fingerpost.start({ services });
			const kept = { state: { directory: state }, services };
			await using second = await Fingerpost.start(kept);
			const replicas = { admin: [first, second].map(({ adminUrl }) => new URL(adminUrl).host) };
			await first.writeConfig(JSON.stringify({ services, replicas }));
			await second.writeConfig(JSON.stringify({ ...kept, replicas }));
			const start = envoyClient(binary, mode);
			await using a = await start(first.xdsPort, "in-a", "a");
			await using b = await start(second.xdsPort, "in-b", "b");
			for (const client of [a, b]) await client.calls("web", 1);
			const both = async () => [await zones(first), await zones(second)].join(" | ");
			const settled = "a 1 of 1, 50 %; b 0 of 1, 50 % | a 0 of 1, 50 %; b 1 of 1, 50 %";
			await waitUntil("each knows the clients of both", async () => (await both()) === settled);
			const usedBy = async (client: typeof a) => {
				const { byBackend, failed } = await client.calls("web", CALLS);
				expect(failed).toBe(0);
				return Object.keys(byBackend).toSorted();
			};
			const haveTheirs = async () =>
				waitUntil("each uses its zone alone", async () => {
					const used = [await usedBy(a), await usedBy(b)];
					return (
						JSON.stringify(used) ===
						JSON.stringify([
							["a0", "a1"],
							["b0", "b1"],
						])
					);
				});
			await haveTheirs();
			const admins = replicas.admin.flatMap((each) => ["--admin", each]);
			expect(await runProgram(["checksum", ...admins])).toMatchObject({ code: 0 });
			// What counts is on disk a moment after it has changed.
			await waitUntil("it is kept", async () => (await readdir(state)).includes("zones.demand"));

			await b.startLoad("web");
			await second.kill("SIGKILL");
			const states = async () =>
				(await first.api<ReplicasJson>("/replicas")).replicas.map((each) => each.state).join(" ");
			await waitUntil("it is missed", async () => (await states()) === "self stale");
			// Its clients may still be there: nothing changes for others.
			expect(await zones(first)).toBe("a 1 of 1, 50 %; b 0 of 0, 50 %");
			expect(await usedBy(a)).toEqual(["a0", "a1"]);
			await second.startAgain();
			await waitUntil("its client is back", async () => (await second.clients()).length === 1);
			await waitUntil("each knows the clients of both again", async () => (await both()) === settled);
			const { byBackend, failures } = await b.stopLoad("web");
			expect([Object.keys(byBackend).toSorted(), failures]).toEqual([["b0", "b1"], []]);
			await haveTheirs();
			expect([...(await first.nacks()), ...(await second.nacks())]).toEqual([]);
			await rm(state, { recursive: true });
		});
	},
	{ modes: ["delta"] },
);
