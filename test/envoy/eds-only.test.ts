import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { burst, Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

describeEnvoys("endpoints of static clusters over streams of the EDS service", (which) => {
	let lab: EnvoyLab;

	beforeAll(async () => {
		lab = await EnvoyLab.start({
			which,
			clusters: ["web", "weighted", "moving", "empty", "later"],
			config: ({ a, b, c }) => ({
				removalGrace: "500ms",
				services: {
					web: { endpoints: [a, { address: b, health: "draining" }] },
					weighted: {
						endpoints: [
							{ address: a, weight: 50 },
							{ address: c, weight: 150 },
						],
					},
					moving: { endpoints: [a] },
					empty: { endpoints: [] },
				},
			}),
		});
	});
	afterAll(() => lab?.[Symbol.asyncDispose]());
	afterEach(async () => expect(await lab.rejections()).toEqual({ count: 0, texts: [] }));

	// Envoy waits 15 s for what is not answered.
	it("lets Envoy start without delay though one of its clusters is no service", async () => {
		expect(await lab.envoy.givenUp()).toBe(0);
	});

	it("brings traffic to the back ends, by health and weight", async () => {
		expect(await burst(lab.envoy.ingress, "web", 40)).toMatchObject({ failed: 0, byBackend: { a: 40 } });
		const { failed, byBackend } = await burst(lab.envoy.ingress, "weighted", 400);
		expect(failed).toBe(0);
		expect(Math.abs((byBackend.a ?? 0) - 100), JSON.stringify(byBackend)).toBeLessThanOrEqual(4);
		expect(await burst(lab.envoy.ingress, "empty", 3)).toMatchObject({ ok: 0 });
	});

	it("moves traffic when an endpoint changes at run time, without a failed request", async () => {
		await using load = new Load({ url: lab.envoy.ingress, service: "moving" });
		await waitUntil("a answers", () => load.result.byBackend.a);
		await lab.fingerpost.setServices({ moving: { endpoints: [lab.c] } });
		await lab.envoy.waitForHosts("moving", [lab.c]);
		expect(await burst(lab.envoy.ingress, "moving", 20)).toMatchObject({ byBackend: { c: 20 } });
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
	});

	it("serves a service that is created after Envoy asked for it, empties it when it is removed, and serves it again", async () => {
		for (const backend of ["b", "c", "c"] as const) {
			await lab.fingerpost.setServices({ later: { endpoints: [lab[backend]] } });
			await lab.envoy.waitForHosts("later", [lab[backend]]);
			expect(await burst(lab.envoy.ingress, "later", 5)).toMatchObject({ byBackend: { [backend]: 5 } });
			await lab.fingerpost.setServices({ later: undefined });
			// R20: Envoy keeps the endpoints of a resource that is gone, so an empty assignment must come.
			await lab.envoy.waitForHosts("later", []);
			expect(await burst(lab.envoy.ingress, "later", 3)).toMatchObject({ ok: 0 });
		}
	});
});
