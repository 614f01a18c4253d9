import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { burst, Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

describeEnvoys("clusters and endpoints over ADS", (which) => {
	let lab: EnvoyLab;

	beforeAll(async () => {
		lab = await EnvoyLab.start({
			which,
			config: ({ a, b, c }) => ({
				services: {
					web: { endpoints: [a] },
					health: {
						endpoints: [a, { address: b, health: "draining" }, { address: c, health: "unhealthy" }],
					},
					sick: { endpoints: [{ address: a, health: "unhealthy" }] },
					quiet: { endpoints: [a, { address: b, weight: 0 }] },
					failover: {
						endpoints: [
							{ address: a, health: "timeout" },
							{ address: b, priority: 1 },
						],
					},
					moving: { endpoints: [a] },
					twice: { endpoints: [a, b, a] },
					empty: { endpoints: [] },
				},
			}),
		});
	});
	afterAll(() => lab?.[Symbol.asyncDispose]());
	afterEach(async () => expect(await lab.rejections()).toEqual({ count: 0, texts: [] }));

	it("brings traffic to the back ends", async () => {
		expect(await burst(lab.envoy.ingress, "web", 20)).toMatchObject({ ok: 20, failed: 0, byBackend: { a: 20 } });
	});

	it.each([
		["draining and unhealthy", "health", { a: 60 }],
		["weight 0", "quiet", { a: 60 }],
		["timed out, with another priority", "failover", { b: 60 }],
	])("keeps traffic from endpoints that should get none: %s", async (_what, service, byBackend) => {
		expect(await burst(lab.envoy.ingress, service, 60)).toMatchObject({ failed: 0, byBackend });
	});

	it("fails at once where no endpoint may get traffic, and does not panic", async () => {
		for (const service of ["sick", "empty"]) {
			const { ok, failures } = await burst(lab.envoy.ingress, service, 3);
			expect(ok).toBe(0);
			expect(failures[0]).toContain("no healthy upstream");
		}
	});

	it("uses an endpoint that is written twice once, and reports it", async () => {
		const { failed, byBackend } = await burst(lab.envoy.ingress, "twice", 40);
		expect(failed).toBe(0);
		expect(byBackend).toEqual({ a: 20, b: 20 });
		expect((await lab.fingerpost.service("twice")).repairs.join()).toContain(lab.a);
	});

	it("moves traffic when an endpoint changes at run time, without a failed request", async () => {
		await using load = new Load({ url: lab.envoy.ingress, service: "moving" });
		await waitUntil("a answers", () => load.result.byBackend.a);
		await lab.fingerpost.setServices({ moving: { endpoints: [lab.c] } });
		await lab.envoy.waitForHosts("moving", [lab.c]);
		expect(await burst(lab.envoy.ingress, "moving", 20)).toMatchObject({ byBackend: { c: 20 } });
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
	});

	it("takes endpoints from none and back to none at run time", async () => {
		await lab.fingerpost.setServices({ empty: { endpoints: [lab.b] } });
		await lab.envoy.waitForHosts("empty", [lab.b]);
		expect(await burst(lab.envoy.ingress, "empty", 10)).toMatchObject({ byBackend: { b: 10 } });
		await lab.fingerpost.setServices({ empty: { endpoints: [] } });
		await lab.envoy.waitForHosts("empty", []);
		expect(await burst(lab.envoy.ingress, "empty", 3)).toMatchObject({ ok: 0 });
	});

	it("is shown as a client that has everything", async () => {
		const [client, ...others] = await waitUntil("all is acknowledged", async () => {
			const clients = await lab.fingerpost.clients();
			return clients.every(({ types }) => types.eds?.synced && types.cds?.synced) && clients;
		});
		expect(others).toEqual([]);
		expect(client).toMatchObject({ node: "lab-envoy", family: "envoy" });
		expect(client?.userAgent).toContain(which.version);
		expect(client?.types.cds).toMatchObject({ mode: which.mode, wildcard: true });
		expect(client?.types.eds).toMatchObject({ mode: which.mode, wildcard: false });
		expect([...(client?.types.eds?.names ?? [])].sort()).toEqual(
			(await lab.fingerpost.services()).map((service) => service.name).sort(),
		);
	});
});
