import { status } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { FakeDocker, type FakeReaction } from "../../lab/fake-docker.js";
import { FakeEtcd, type FakeEtcdReaction } from "../../lab/fake-etcd.js";
import { Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";
import { tempFolder } from "../util/temp-folder.js";

/** What an etcd server does once its streams were ended; each service has a server of its own. */
const ETCD: Readonly<Record<string, (call: string) => FakeEtcdReaction | undefined>> = {
	"no-leader": () => ({ code: status.UNAVAILABLE, details: "etcdserver: no leader" }),
	forbidden: () => ({ code: status.PERMISSION_DENIED, details: "etcdserver: permission denied" }),
	internal: () => ({ code: status.INTERNAL, details: "broken" }),
	"etcd-silent": () => ({ silent: true }),
	"denies-watches": (call) => (call.startsWith("watch") ? { denied: "etcdserver: permission denied" } : undefined),
	compacted: (call) => (call.startsWith("watch") ? { compacted: 5 } : undefined),
};

/** The same of an engine. */
const DOCKER: Readonly<Record<string, FakeReaction>> = {
	"error-500": { status: 500 },
	"hangs-up": { hangUp: true },
	garbage: { raw: "this is no JSON" },
	"half-list": { raw: '[{"Names":["/web"]}]' },
	"docker-silent": { silent: true },
};

function container(address: string) {
	const [, port] = address.split(":");
	const published = { IP: "127.0.0.1", PrivatePort: 80, PublicPort: Number(port), Type: "tcp" };
	return { name: "web", networks: {}, ports: [published] };
}

describeEnvoys(
	"etcd and Docker that fail under load",
	(which) => {
		it("cost no request; what is held at 2 s and at 20 s is the last answer, and none is asked in a loop", async () => {
			await using owned = new AsyncDisposableStack();
			const etcds = new Map<string, FakeEtcd>();
			for (const name of Object.keys(ETCD)) etcds.set(name, owned.use(await FakeEtcd.start()));
			const engines = new Map<string, FakeDocker>();
			for (const name of Object.keys(DOCKER)) {
				engines.set(name, owned.use(await FakeDocker.start(owned.use(await tempFolder()).path)));
			}
			const names = [...etcds.keys(), ...engines.keys()];
			await using lab = await EnvoyLab.start({
				which,
				config: ({ a }) => {
					for (const etcd of etcds.values()) etcd.put("web/a", a);
					for (const docker of engines.values()) docker.run(container(a));
					const ofEtcd = [...etcds].map(([name, { url }]) => [name, { type: "etcd", endpoints: [url] }] as const);
					const ofDocker = [...engines].map(([name, { url }]) => [name, { type: "docker", socket: url }] as const);
					return {
						providers: Object.fromEntries([...ofEtcd, ...ofDocker]),
						services: Object.fromEntries(
							names.map((name) => [name, etcds.has(name) ? `${name}:///web/` : `${name}:///web:80`]),
						),
					};
				},
			});
			const { envoy, fingerpost, a, b } = lab;
			const loads = names.map((name) => new Load({ url: envoy.ingress, service: name, rate: 20 }));
			await waitUntil("all loads run", () => loads.every((load) => load.result.ok >= 20));

			const asked = () =>
				[...etcds.values()]
					.map(({ calls }) => calls.length)
					.concat([...engines.values()].map(({ requests }) => requests.length));
			const before = asked();
			for (const [name, etcd] of etcds) {
				etcd.react = (call) => ETCD[name]?.(call);
				etcd.endStreams(status.UNAVAILABLE, "gone");
			}
			for (const [name, docker] of engines) {
				docker.react = () => DOCKER[name];
				docker.endEvents();
			}
			const failingSince = performance.now();
			const heldAt = async (seconds: number) => {
				await waitUntil(`${seconds} s are over`, () => performance.now() - failingSince >= seconds * 1_000);
				const clusters = await envoy.clusters();
				return Object.fromEntries(names.map((name) => [name, clusters[name]?.map(({ address }) => address).join()]));
			};
			const held = Object.fromEntries(names.map((name) => [name, a]));
			expect(await heldAt(2)).toEqual(held);
			expect(await heldAt(20)).toEqual(held);
			await waitUntil("all are stale", async () =>
				(await fingerpost.services()).every(({ state }) => state === "stale"),
			);
			for (const [i, count] of asked().entries()) expect(count - (before[i] ?? 0), names[i]).toBeLessThan(60);

			for (const etcd of etcds.values()) {
				etcd.react = () => undefined;
				etcd.put("web/a", b);
			}
			for (const docker of engines.values()) {
				docker.react = () => undefined;
				docker.run(container(b));
			}
			for (const name of names) await envoy.waitForHosts(name, [b]);
			for (const [i, load] of loads.entries()) {
				expect(await load.stop(), names[i]).toMatchObject({ failed: 0, failures: [] });
			}
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		});
	},
	{ versions: ["1.40.0"], modes: ["delta"] },
);
