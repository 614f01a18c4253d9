import { expect, it } from "vitest";
import { startBackends, startHttpBackend } from "../../lab/backends.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { envoyBootstrap } from "../../lab/envoy-bootstrap.js";
import { FaultyServer } from "../../lab/faulty-server.js";
import { Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

const OTHERS = ["s1", "s2", "s3", "s4", "s5", "s6"];
const BAD = "s4";

function all(address: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
	return { ...Object.fromEntries(OTHERS.map((name) => [name, address])), ...more };
}

describeEnvoys("a service that Envoy rejects", (which) => {
	it("stays as it was while the others change, is found in a few responses, and comes when it is mended", async () => {
		await using backends = await startBackends(startHttpBackend, "a", "b");
		const [a, b] = [backends.a.address, backends.b.address];
		await using server = await FaultyServer.start(all(a), "http1");
		const bootstrap = envoyBootstrap({ mode: which.mode, xds: [server.port] });
		await using envoy = await Envoy.start(which.binary, bootstrap);
		for (const name of OTHERS) await envoy.waitForHosts(name, [a]);
		await using load = new Load({ url: envoy.ingress, service: BAD, rate: 100 });
		await waitUntil("the load runs", () => load.result.ok >= 20);

		server.set(all(b, { [BAD]: "bad" }), "http1");
		for (const name of OTHERS) await envoy.waitForHosts(name, [name === BAD ? a : b]);
		const nack = await waitUntil("the culprit is known", () => server.rejected().find(({ searching }) => !searching));
		expect(nack.resources).toEqual([BAD]);
		expect(nack.error).not.toBe("");
		// Six in the first response, then at most log2 6 + 1 parts of it.
		expect(server.nacks).toBeLessThanOrEqual(1 + 4);

		// It is left at that: other changes go out, and nothing is sent again.
		const { nacks } = server;
		server.set({ s1: a }, "http1");
		await envoy.waitForHosts("s1", [a]);
		expect(server.nacks).toBe(nacks);

		// Whoever comes now gets the newest version first, rejects it, too, and then gets the last one that was accepted.
		await using second = await Envoy.start(which.binary, { ...bootstrap, node: { id: "second", cluster: "lab" } });
		await second.waitForHosts(BAD, [a]);
		expect(server.rejected().map(({ resources }) => resources)).toEqual([[BAD], [BAD]]);
		expect(server.nacks).toBeLessThanOrEqual(nacks + 1 + 4);

		server.set({ [BAD]: b }, "http1");
		for (const each of [envoy, second]) await each.waitForHosts(BAD, [b]);
		await waitUntil("nothing is rejected any more", () => server.rejected().length === 0);
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
	});
});
