import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import type { ServiceAnswer } from "../../lab/fingerpost.js";
import { burst, Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

describeEnvoys("services that come and go while another is under load", (which) => {
	let lab: EnvoyLab;
	let load: Load;

	beforeAll(async () => {
		lab = await EnvoyLab.start({
			which,
			config: ({ a, b }) => ({
				removalGrace: "5s",
				services: { steady: { endpoints: [a] }, guest: { endpoints: [b] } },
			}),
		});
		load = new Load({ url: lab.envoy.ingress, service: "steady" });
		await waitUntil("the load runs", () => load.result.ok > 20);
	});
	afterAll(async () => {
		await load?.stop();
		await lab?.[Symbol.asyncDispose]();
	});
	afterEach(async () => {
		const soFar = load.result.ok;
		await waitUntil("the load goes on", () => load.result.ok > soFar + 20);
		expect(load.result).toMatchObject({ failed: 0, failures: [], byBackend: { a: load.result.ok } });
		expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
	});

	it("keeps a service that is removed and added again within the grace, without a failed request", async () => {
		await using guests = new Load({ url: lab.envoy.ingress, service: "guest" });
		await lab.fingerpost.setServices({ guest: undefined });
		await waitUntil("guest is leaving", async () => (await lab.fingerpost.service("guest")).state === "removing");
		await lab.fingerpost.setServices({ guest: { endpoints: [lab.b] } });
		await waitUntil("guest is back", async () => (await lab.fingerpost.service("guest")).state === "synced");
		const soFar = guests.result.ok;
		// Longer than the grace: a removal that was not called off would show.
		await waitUntil("guest is served on", () => guests.result.ok > soFar + 1_100);
		expect(await guests.stop()).toMatchObject({ failed: 0, failures: [] });
	});

	it("removes a service after the grace, and brings it back when it is added again", async () => {
		await lab.fingerpost.setServices({ guest: undefined });
		await waitUntil("Envoy has dropped guest", async () => !("guest" in (await lab.envoy.clusters())));
		expect((await lab.fingerpost.services()).map((service) => service.name)).toEqual(["steady"]);
		expect(await burst(lab.envoy.ingress, "guest", 3)).toMatchObject({ ok: 0 });
		// R44: it comes back with the same content that it went with.
		await lab.fingerpost.setServices({ guest: { endpoints: [lab.b] } });
		await lab.envoy.waitForHosts("guest", [lab.b]);
		expect(await burst(lab.envoy.ingress, "guest", 20)).toMatchObject({ byBackend: { b: 20 } });
	});

	it("renames a service: the new name works at once, the old one until the grace is over", async () => {
		await lab.fingerpost.setServices({ guest: undefined, visitor: { endpoints: [lab.b] } });
		await lab.envoy.waitForHosts("visitor", [lab.b]);
		expect(await burst(lab.envoy.ingress, "visitor", 20)).toMatchObject({ byBackend: { b: 20 } });
		expect(await burst(lab.envoy.ingress, "guest", 5)).toMatchObject({ byBackend: { b: 5 } });
		await waitUntil("Envoy has dropped guest", async () => !("guest" in (await lab.envoy.clusters())));
		expect(await burst(lab.envoy.ingress, "visitor", 20)).toMatchObject({ byBackend: { b: 20 } });
	});

	it.each([
		["broken YAML", "services:\n  steady: {endpoints: [\n", /fingerpost\.yaml:\d+:\d+/],
		["port 99999", 'services:\n  steady: {endpoints: ["127.0.0.1:99999"]}\n', /fingerpost\.yaml:2:\d+.*99999/],
		["an empty file", "", /empty/i],
		[
			"a host name that cannot be one",
			'services:\n  steady: {endpoints: ["backend..internal:80"]}\n',
			/fingerpost\.yaml:2:\d+.*backend\.\.internal/,
		],
		["a misspelt key", "servces: {}\n", /fingerpost\.yaml:1:\d+.*services/],
	])("changes nothing and says why when the config becomes invalid: %s", async (_what, text, message) => {
		const before = await lab.fingerpost.services();
		const logged = lab.fingerpost.log.length;
		await lab.fingerpost.writeConfig(text);
		await lab.fingerpost.waitForWarning(message, logged);
		expect((await lab.fingerpost.services()).map(withoutTimes)).toEqual(before.map(withoutTimes));
	});

	it("follows the config again once it is valid", async () => {
		await lab.fingerpost.setServices({ steady: { endpoints: [lab.a] }, extra: { endpoints: [lab.c] } });
		await lab.envoy.waitForHosts("extra", [lab.c]);
	});
});

function withoutTimes({ name, state, version, endpoints }: ServiceAnswer): object {
	return { name, state, version, endpoints };
}
