import { copyFile, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { CertificateAuthority } from "../../lab/certificates.js";
import { Consul, describeConsul } from "../../lab/consul.js";
import { waitUntil } from "../../lab/wait-until.js";
import { consulOptions } from "../../src/providers/consul/consul-options.js";
import { ConsulProvider } from "../../src/providers/consul/consul-provider.js";
import type { Provider } from "../../src/providers/provider.js";
import { type Followed, followTarget } from "../providers/observed.js";
import { tempFolder } from "../util/temp-folder.js";

/** The accessor of the token that stands for none. */
const ANONYMOUS = "00000000-0000-0000-0000-000000000002";
const A = "127.0.0.1:8001";
const B = "127.0.0.1:8002";

function provider(given: Readonly<Record<string, unknown>>): ConsulProvider {
	return new ConsulProvider(consulOptions.parse(given));
}

function following(it: Provider, text = "consul:///web"): Followed {
	return followTarget(it, text);
}

const told = ({ until }: Followed, list: string) => until(`it is told "${list}"`, (o) => o.list === list);
const state = ({ until }: Followed, wanted: string) =>
	until(`it is ${wanted}`, ({ status }) => status.state === wanted);

describeConsul("a real Consul", () => {
	it("tells instances, their health and all that is known of them, as they change", async () => {
		await using consul = await Consul.start();
		const more = {
			...{ Tags: ["v1", "Blue"], Meta: { version: "1" }, Weights: { Passing: 30, Warning: 2 } },
			Locality: { Region: "eu", Zone: "eu-1" },
		};
		await consul.put({ service: "web", port: 8001, more });
		await consul.put({ service: "web", port: 8002, status: "critical" });
		const it = provider({ address: consul.url, warning: "degraded" });
		using watched = following(it);
		await told(watched, `${A} ${B}`);
		const of = (port: number) => watched.observed.endpoints.find((each) => each.port === port);
		const seen = (port: number) => `${of(port)?.health} ${of(port)?.weight}`;
		expect(of(8001)).toMatchObject({
			...{ address: "127.0.0.1", health: "healthy", weight: 30, metadata: { version: "1" } },
			locality: { region: "eu", zone: "eu-1", subZone: "" },
			origin: { target: "consul:///web", object: "node-1/web-8001" },
		});
		await consul.put({ service: "web", port: 8001, status: "warning", more });
		await waitUntil("the warning is seen", () => seen(8001) === "degraded 2");
		expect(seen(8002)).toBe("unhealthy 1");
		using blue = following(it, "consul:///web?tag=blue&tag=V1");
		await told(blue, A);
		await consul.delete({ service: "web", port: 8001 });
		await Promise.all([told(watched, B), told(blue, "")]);
		await consul.delete({ service: "web", port: 8002 });
		await told(watched, "");
		expect(watched.observed.failures).toEqual([]);
	});

	it("drains what its agent puts into maintenance, and filters by expressions", async () => {
		await using consul = await Consul.start();
		for (const port of [8001, 8002]) {
			const body = { ID: `web-${port}`, Name: "web", Address: "127.0.0.1", Port: port, Meta: { n: String(port) } };
			await consul.call("PUT", "/v1/agent/service/register", body);
		}
		const it = provider({ address: consul.url, stale: true });
		using watched = following(it);
		using filtered = following(it, `consul:///web?filter=${encodeURIComponent('Service.Meta.n == "8002"')}`);
		await Promise.all([told(watched, `${A} ${B}`), told(filtered, B)]);
		await consul.call("PUT", "/v1/agent/service/maintenance/web-8001?enable=true&reason=test");
		await waitUntil("it drains", () => watched.observed.endpoints[0]?.health === "draining");
		expect(watched.observed.endpoints[1]?.health).toBe("healthy");
		using wrong = following(it, "consul:///web?filter=bad+bad");
		await state(wrong, "failed");
		expect(wrong.observed.status.lastError?.message).toContain("500 (Failed to create boolean expression evaluator");
	});

	it("keeps what it said while it is away, and goes on after a restart", async () => {
		await using consul = await Consul.start();
		await consul.put({ service: "web", port: 8001 });
		using watched = following(provider({ address: consul.url }));
		await told(watched, A);
		await consul.stop();
		await state(watched, "stale");
		await consul.resume();
		await state(watched, "synced");
		await consul.put({ service: "web", port: 8002 });
		await told(watched, `${A} ${B}`);
		expect(watched.observed.lists).toEqual([A, `${A} ${B}`]);
	});

	it("is noticed within 60 s when it has stopped", async () => {
		await using consul = await Consul.start();
		await consul.put({ service: "web", port: 8001 });
		using watched = following(provider({ address: consul.url }));
		await told(watched, A);
		consul.pause();
		const since = performance.now();
		const limit = { timeout: 120_000 };
		await waitUntil("it is noticed", () => watched.observed.status.state === "stale", limit);
		expect(performance.now() - since).toBeLessThan(60_000);
		consul.continue();
		await waitUntil("it is back", () => watched.observed.status.state === "synced", limit);
		await consul.put({ service: "web", port: 8002 });
		await told(watched, `${A} ${B}`);
	});

	it("empties nothing for a token that loses its rights under a running query", async () => {
		await using consul = await Consul.start({ acl: true });
		await using folder = await tempFolder();
		await consul.put({ service: "web", port: 8001 });
		const rules = 'service "web" { policy = "read" }\nnode_prefix "" { policy = "read" }';
		const { secret, policy } = await consul.token(rules);
		const { secret: other, accessor } = await consul.token(rules);
		await writeFile(folder.file("token"), `${secret}\n`);
		using watched = following(provider({ address: consul.url, tokenFile: folder.file("token") }));
		using second = following(provider({ address: consul.url, token: other }));
		await Promise.all([told(watched, A), told(second, A)]);
		await consul.call("PUT", `/v1/acl/policy/${policy}`, { Name: "none", Rules: 'service "api" { policy = "read" }' });
		await consul.call("DELETE", `/v1/acl/token/${accessor}`);
		await consul.put({ service: "web", port: 8002 });
		await Promise.all([state(watched, "stale"), state(second, "stale")]);
		expect(watched.observed.status.lastError?.message).toContain("allow service:read");
		expect(second.observed.status.lastError?.message).toContain("403 (ACL not found)");
		expect([watched.observed.list, second.observed.list]).toEqual([A, A]);
		// A new token in the file, without a restart.
		await writeFile(folder.file("token"), (await consul.token(rules)).secret);
		await told(watched, `${A} ${B}`);
	});

	it("is not believed where nobody may read, and says what is missing", async () => {
		await using consul = await Consul.start({ acl: true });
		await consul.put({ service: "web", port: 8001 });
		const { secret } = await consul.token('service "api" { policy = "read" }');
		using anonymous = following(provider({ address: consul.url }));
		using stranger = following(provider({ address: consul.url, token: secret }));
		for (const each of [anonymous, stranger]) {
			await state(each, "failed");
			expect(each.observed.status.lastError?.message).toContain('allow service:read on "web"');
			expect(each.observed.lists).toEqual([]);
		}
		// Who may read is told that there is nothing.
		const rules = 'service_prefix "" { policy = "read" }\nnode_prefix "" { policy = "read" }';
		using empty = following(
			provider({ address: consul.url, token: (await consul.token(rules)).secret }),
			"consul:///none",
		);
		await told(empty, "");
		// So is who brings no token, where everybody may read.
		await consul.call("PUT", "/v1/acl/policy", { Name: "all", Rules: rules });
		await consul.call("PUT", `/v1/acl/token/${ANONYMOUS}`, { Policies: [{ Name: "all" }] });
		using everybody = following(provider({ address: consul.url }), "consul:///none");
		await Promise.all([told(everybody, ""), told(anonymous, A)]);
	});

	it("is asked over TLS, with a CA file that is followed", async () => {
		await using consul = await Consul.start();
		await using folder = await tempFolder();
		await consul.put({ service: "web", port: 8001 });
		const ca = folder.file("ca.crt");
		await copyFile((await CertificateAuthority.make(folder.path, "other")).ca, ca);
		using watched = following(provider({ address: consul.httpsUrl, ca }));
		await state(watched, "failed");
		expect(watched.observed.status.lastError?.message).toContain("its certificate is not accepted");
		await copyFile(consul.caFile, ca);
		await told(watched, A);
	});

	it("has 1,000 services followed at once, with as many queries as are allowed", async () => {
		await using consul = await Consul.start();
		const names = Array.from({ length: 1_000 }, (_, i) => `web-${i}`);
		for (let from = 0; from < names.length; from += 20) {
			await Promise.all(names.slice(from, from + 20).map((service) => consul.put({ service, port: 8001 })));
		}
		const it = provider({ address: consul.url, maxQueries: 50 });
		const all = names.map((name) => following(it, `consul:///${name}`));
		for (const each of all) await told(each, A);
		await consul.put({ service: "web-999", port: 8002 });
		await told(all[999] as Followed, `${A} ${B}`);
		expect(all.flatMap(({ observed }) => observed.failures)).toEqual([]);
		for (const { abort } of all) abort();
	});
});
