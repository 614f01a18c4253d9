import { expect, it } from "vitest";
import { startBackends, startHttpBackend } from "../../lab/backends.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { envoyBootstrap } from "../../lab/envoy-bootstrap.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

describeEnvoys("two replicas in one bootstrap", ({ binary, mode }) => {
	it("moves to the other when the one it uses is killed, and is sent nothing again", async () => {
		await using backends = await startBackends(startHttpBackend, "a", "b");
		const config = {
			services: { web: { endpoints: [backends.a.address] }, other: { endpoints: [backends.a.address] } },
		};
		await using one = await Fingerpost.start(config);
		await using two = await Fingerpost.start(config);
		const versions = async (replica: Fingerpost) =>
			(await replica.services()).map(({ name, version }) => [name, version]);
		expect(await versions(one)).toEqual(await versions(two));

		await using envoy = await Envoy.start(binary, envoyBootstrap({ mode, xds: [one.xdsPort, two.xdsPort] }));
		await using load = new Load({ url: envoy.ingress, service: "web" });
		await waitUntil("the load runs", () => load.result.ok > 50);
		const [used, spare] = (await one.clients()).length > 0 ? [one, two] : [two, one];
		expect(await spare.clients()).toEqual([]);
		const updates = await envoy.stat("cluster.web.update_success");

		await used.kill("SIGKILL");
		await waitUntil("Envoy is with the other replica", async () => (await spare.clients()).length === 1);
		await spare.setServices({ other: { endpoints: [backends.b.address] } });
		await envoy.waitForHosts("other", [backends.b.address]);

		if (mode === "delta") expect(await envoy.stat("cluster.web.update_success")).toBe(updates);
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
		expect(await envoy.rejected()).toBe(0);
		expect(await spare.nacks()).toEqual([]);
	});
});
