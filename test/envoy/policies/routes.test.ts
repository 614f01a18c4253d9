import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeEnvoys } from "../../../lab/describe-envoys.js";
import { ENVOY_VERSIONS } from "../../../lab/envoy-binary.js";
import { EnvoyLab } from "../../../lab/envoy-lab.js";
import { ask, burst } from "../../../lab/load.js";
import { waitUntil } from "../../../lab/wait-until.js";

/** Refuses connections. */
const REFUSED = "127.0.0.1:1";

describeEnvoys(
	"routes that come from Fingerpost",
	(which) => {
		let lab: EnvoyLab;

		beforeAll(async () => {
			lab = await EnvoyLab.start({ which, config: ({ a }) => ({ services: { web: a } }), routes: "web" });
		});
		afterAll(() => lab?.[Symbol.asyncDispose]());
		afterEach(async () => {
			for (const backend of lab.backends) backend.behaviour = "well";
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		});

		/** Sets the service, and waits until its route has what is looked for. */
		async function set(endpoints: readonly (string | object)[], more: object, has: string): Promise<void> {
			await lab.fingerpost.setServices({ web: { endpoints, ...more } });
			await lab.envoy.waitForHosts(
				"web",
				endpoints.map((each) => (typeof each === "string" ? each : (each as { address: string }).address)),
			);
			await waitUntil(`the route has ${has}`, async () => {
				const { configs } = JSON.parse(await lab.envoy.get("/config_dump?resource=dynamic_route_configs")) as {
					configs: object[];
				};
				return JSON.stringify(configs).includes(has);
			});
		}

		it("lose no request to an endpoint that refuses connections, without a word of it", async () => {
			await set([lab.a, lab.b, REFUSED], {}, "connect-failure");
			const [, b] = lab.backends;
			if (b) b.behaviour = "fails";
			const before = b?.requests ?? 0;
			const { ok, failed } = await burst(lab.envoy.ingress, "", 300);
			// What it answers is its own affair: those that it got fail, and no other.
			expect({ ok, failed }).toEqual({ ok: 300 - failed, failed: (b?.requests ?? 0) - before });
			expect(failed).toBeGreaterThan(0);
		});

		it("end a request after the timeout", async () => {
			await set([lab.a], { timeout: "300ms" }, '"timeout":"0.300s"');
			const [a] = lab.backends;
			if (a) a.behaviour = "hangs";
			expect(await ask(lab.envoy.ingress, "")).toMatchObject({ status: 504 });
		});

		it("try again what retries say, elsewhere", async () => {
			await set(
				[lab.a, lab.b],
				{ retries: { attempts: 2, on: [500] }, outlierDetection: "off" },
				"retriable-status-codes",
			);
			const [, b] = lab.backends;
			if (b) b.behaviour = "fails";
			expect(await burst(lab.envoy.ingress, "", 40)).toMatchObject({ ok: 40, byBackend: { a: 40 } });
			await set([lab.a, lab.b], { retries: { attempts: 0 }, outlierDetection: "off" }, '"cluster":"web"');
			await waitUntil("nothing is tried again", async () => (await burst(lab.envoy.ingress, "", 10)).failed > 0);
		});

		it("go by what hashOn says", async () => {
			const endpoints = [lab.a, lab.b, lab.c];
			await set(endpoints, { loadBalancing: { policy: "ring_hash", hashOn: { header: "x-user" } } }, "x-user");
			const homes = new Map<string, string>();
			for (let i = 0; i < 60; i++) {
				const user = `user-${i % 20}`;
				const { body } = await ask(lab.envoy.ingress, "", undefined, { "x-user": user });
				expect(homes.get(user) ?? body).toBe(body);
				homes.set(user, body);
			}
			expect(new Set(homes.values()).size).toBeGreaterThan(1);
			await set(endpoints, { loadBalancing: { policy: "maglev", hashOn: { sourceIp: true } } }, "source_ip");
			const { byBackend } = await burst(lab.envoy.ingress, "", 30);
			expect(Object.values(byBackend)).toEqual([30]);
		});
	},
	{ versions: ENVOY_VERSIONS, modes: ["sotw"] },
);
