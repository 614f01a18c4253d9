import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { startHttpBackend } from "../../lab/backends.js";
import { Consul } from "../../lab/consul.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { Etcd } from "../../lab/etcd.js";
import { HttpGate } from "../../lab/faults/http-gate.js";
import { ManyLoads } from "../../lab/faults/many-loads.js";
import { TcpGate } from "../../lab/faults/tcp-gate.js";
import { KubeLab } from "../../lab/kube-lab.js";
import { ask } from "../../lab/load.js";
import { describeServers } from "../../lab/server-binary.js";
import { sliceObject } from "../../lab/slice-object.js";
import { waitUntil } from "../../lab/wait-until.js";

/** A registry of a real server, behind a relay that refuses when it is told to. */
interface TriedRegistry {
	readonly name: string;
	readonly settings: object;
	readonly entry: object;
	/** `127.0.0.1:PORT` */
	add(service: string, address: string): Promise<void>;
	remove(service: string, address: string): Promise<void>;
	refuse(): Promise<void>;
	pass(): Promise<void>;
}

/** A real API server takes no loopback addresses: the relay puts them in the place of these. */
const [STORED, SERVED] = ["10.77.0.", "127.0.0."];

async function kubernetes(owned: AsyncDisposableStack): Promise<TriedRegistry> {
	const { api, token } = owned.use(await KubeLab.start());
	const ca = await readFile(api.caFile, "utf8");
	const rewrite = (line: string) => line.replaceAll(STORED, SERVED);
	const gate = owned.use(await HttpGate.start({ to: { port: api.port, ca }, rewrite }));
	const slice = (service: string, address: string) => {
		const [host = "", port] = address.replace(SERVED, STORED).split(":");
		const name = `${service}-${port}`;
		return sliceObject(service, { name, ports: [`http:${port}`], endpoints: [`${host} ready`] });
	};
	return {
		...{ name: "kubernetes", settings: { server: gate.url, token, insecure: true } },
		entry: { target: "k8s:///shop/*:http", name: "{service}.kubernetes" },
		add: (service, address) => api.put(slice(service, address)),
		remove: (service, address) => api.delete(slice(service, address)),
		...{ refuse: () => gate.fail("refused"), pass: () => gate.pass() },
	};
}

async function consul(owned: AsyncDisposableStack): Promise<TriedRegistry> {
	const server = owned.use(await Consul.start());
	const gate = owned.use(await HttpGate.start({ to: { port: server.port } }));
	const more = { Tags: ["mesh"] };
	const port = (address: string) => Number(address.split(":")[1]);
	return {
		...{ name: "consul", settings: { address: gate.url } },
		entry: { target: "consul:///*?tag=mesh", name: "{service}.consul" },
		add: (service, address) => server.put({ service, port: port(address), more }),
		remove: (service, address) => server.delete({ service, port: port(address) }),
		...{ refuse: () => gate.fail("refused"), pass: () => gate.pass() },
	};
}

async function etcd(owned: AsyncDisposableStack): Promise<TriedRegistry> {
	const server = owned.use(await Etcd.start());
	const gate = owned.use(await TcpGate.to(server.member.port));
	return {
		...{ name: "etcd", settings: { endpoints: [`http://${gate.address}`] } },
		entry: { target: "etcd:///services/*", name: "{service}.etcd" },
		add: (service, address) => server.put(`services/${service}/${address}`, address),
		remove: (service, address) => server.delete(`services/${service}/${address}`),
		...{ refuse: () => gate.fail("refused"), pass: () => gate.pass() },
	};
}

describeServers(["kube-apiserver", "consul", "etcd", "openssl"], "whole registries", () => {
	describeEnvoys(
		"through to Envoy",
		({ binary, ...which }) => {
			it("are routed as their services come, lose nothing while they fail, and say then what has changed", async () => {
				await using owned = new AsyncDisposableStack();
				const registries = await Promise.all([kubernetes(owned), consul(owned), etcd(owned)]);
				const each = (work: (registry: TriedRegistry) => Promise<unknown>) => Promise.all(registries.map(work));
				const named = (service: string) => registries.map(({ name }) => `${service}.${name}`);
				await using lab = await EnvoyLab.start({
					which: { binary, ...which },
					config: () => ({
						removalGrace: "1s",
						providers: Object.fromEntries(registries.map(({ name, settings }) => [name, settings])),
						discover: registries.map(({ entry }) => entry),
						services: {},
					}),
				});
				const { envoy, fingerpost, a, b, c } = lab;
				/** Until each is answered by this back end; until then there is no such cluster. */
				const routed = async (service: string, backend: string) => {
					for (const name of named(service)) {
						await waitUntil(
							`${name} is routed to ${backend}`,
							async () => (await ask(envoy.ingress, name)).body === backend,
						);
					}
				};
				const names = async () => (await fingerpost.services()).map(({ name, state }) => `${name} ${state}`).sort();

				await each(({ add }) => add("web", a));
				await routed("web", "a");
				await using load = new ManyLoads(envoy.ingress);
				load.add(...named("web"));
				await each(({ add }) => add("cart", b));
				await routed("cart", "b");
				load.add(...named("cart"));
				await each(({ add, remove }) => add("web", c).then(() => remove("web", a)));
				await routed("web", "c");
				await waitUntil("nobody has what went", async () => {
					const clusters = await envoy.clusters();
					return named("web").every((name) => clusters[name]?.every(({ address }) => address === c));
				});

				await each(({ refuse }) => refuse());
				await waitUntil("all are stale", async () => {
					const { registries: states } = await fingerpost.api<{ registries: { state: string }[] }>("/registries");
					const stale = (await names()).filter((text) => text.endsWith(" stale"));
					return states.every(({ state }) => state === "stale") && stale.length === 6;
				});
				await using late = await startHttpBackend("late");
				await each(async ({ add, remove }) => {
					await add("late", late.address);
					await remove("web", c);
					await add("web", b);
				});
				const before = load.least;
				await waitUntil("they are answered all the same", () => load.least >= before + 20);
				for (const name of [...named("web"), ...named("cart")]) {
					expect((await envoy.clusters())[name]?.map(({ address }) => address)).toEqual([
						name.startsWith("web") ? c : b,
					]);
				}
				// A new client knows all of it, too.
				expect(await names()).toEqual([...named("cart"), ...named("web")].map((name) => `${name} stale`).sort());

				await each(({ pass }) => pass());
				await routed("late", "late");
				await routed("web", "b");
				expect(load.failures).toEqual([]);
				await load[Symbol.asyncDispose]();
				await each(({ remove }) => remove("cart", b));
				const left = [...named("late"), ...named("web")].map((name) => `${name} synced`).sort();
				await waitUntil("what is gone is gone", async () => JSON.stringify(await names()) === JSON.stringify(left));
				await waitUntil("Envoy has its clusters no more", async () => {
					const clusters = Object.keys(await envoy.clusters());
					return (
						named("cart").every((name) => !clusters.includes(name)) &&
						named("late").every((name) => clusters.includes(name))
					);
				});
				expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
			});
		},
		{ versions: ["1.40.0"], modes: ["delta"] },
	);
});
