import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { burst } from "../../lab/load.js";

describeEnvoys("additional addresses of an endpoint", (which) => {
	it("are tried where the first one does not answer", async () => {
		await using lab = await EnvoyLab.start({
			which,
			// Nothing listens on port 1.
			config: ({ a }) => ({ services: { web: { endpoints: [{ address: "127.0.0.1:1", additionalAddresses: [a] }] } } }),
		});
		await lab.envoy.waitForHosts("web", ["127.0.0.1:1"]);
		expect(await burst(lab.envoy.ingress, "web", 20)).toMatchObject({ ok: 20, failures: [], byBackend: { a: 20 } });
		expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
	});
});
