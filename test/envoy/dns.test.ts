import { expect, it } from "vitest";
import { startBackends, startGrpcBackend } from "../../lab/backends.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { FakeDns, type FakeQuery, type Reaction } from "../../lab/fake-dns.js";
import { GrpcXdsClient } from "../../lab/grpc-xds-client.js";
import { describeKnot, Knot, ZONE } from "../../lab/knot.js";
import { Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

/** What a DNS server does to the questions of one service. */
const FAILURES: Readonly<Record<string, (query: FakeQuery) => Reaction>> = {
	silent: () => ({ silent: true }),
	servfail: () => ({ rcode: "SERVFAIL" }),
	refused: () => ({ rcode: "REFUSED" }),
	garbage: () => ({ bytes: Buffer.from("this is no answer") }),
	half: () => ({ half: true }),
	// Over UDP the answer is cut off; over TCP nothing comes.
	truncates: ({ transport }) => (transport === "udp" ? { truncated: true } : { silent: true }),
	nxdomain: () => ({ rcode: "NXDOMAIN" }),
};

function srvOf(name: string): string {
	return `_http._tcp.${name}.test`;
}

/** The port of `127.0.0.1:PORT` as an SRV record to it. */
function srv(address: string, weight = 1): string {
	return `1 1 ${weight} ${address.split(":")[1]} host.test`;
}

describeEnvoys(
	"DNS that fails under load",
	(which) => {
		it("costs no request; what is held, early and late, is the last answer, or nothing once NXDOMAIN is certain", async () => {
			await using dns = await FakeDns.start();
			dns.set("host.test", "A", "1 127.0.0.1");
			const names = Object.keys(FAILURES);
			await using lab = await EnvoyLab.start({
				which,
				config: ({ a }) => {
					for (const name of names) dns.set(srvOf(name), "SRV", srv(a));
					return {
						providers: {
							dns: { servers: [dns.address], minInterval: "1s", timeout: "3s", emptyAnswers: 3, emptyAfter: "20s" },
						},
						services: Object.fromEntries(names.map((name) => [name, `dns:///${srvOf(name)}`])),
					};
				},
			});
			const { envoy, fingerpost, a, b } = lab;
			const loads = names.map((name) => [name, new Load({ url: envoy.ingress, service: name, rate: 40 })] as const);
			await waitUntil("all loads run", () => loads.every(([, load]) => load.result.ok >= 20));

			dns.react = ({ name, ...query }) => {
				const failing = names.find((each) => name === srvOf(each));
				return failing === undefined ? undefined : FAILURES[failing]?.({ name, ...query });
			};
			const shown = async () => {
				const clusters = await envoy.clusters();
				const states = new Map((await fingerpost.services()).map(({ name, state }) => [name, state]));
				return Object.fromEntries(
					names.map((name) => [name, `${states.get(name)} ${clusters[name]?.map(({ address }) => address).join()}`]),
				);
			};
			const held = Object.fromEntries(names.map((name) => [name, `stale ${a}`]));
			// Long before NXDOMAIN is certain, so that no request of this one fails for want of endpoints.
			await waitUntil("NXDOMAIN is heard", async () => (await shown()).nxdomain === held.nxdomain);
			const gone = loads.find(([name]) => name === "nxdomain")?.[1] as Load;
			expect(await gone.stop()).toMatchObject({ failed: 0, failures: [] });
			const shows = (states: object) => async () => JSON.stringify(await shown()) === JSON.stringify(states);
			await waitUntil("all fail", shows(held));
			await waitUntil("NXDOMAIN is certain", shows({ ...held, nxdomain: "synced " }));

			for (const name of names) dns.set(srvOf(name), "SRV", srv(b));
			dns.react = () => undefined;
			for (const name of names) {
				await fetch(`${fingerpost.adminUrl}/api/v1/targets/refresh?target=dns:///${srvOf(name)}`, { method: "POST" });
			}
			for (const name of names) await envoy.waitForHosts(name, [b]);
			for (const [, load] of loads) expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		});
	},
	{ modes: ["delta"] },
);

describeKnot("a zone that changes", () => {
	describeEnvoys(
		"through to Envoy",
		(which) => {
			it("brings weights, new hosts and removals to a real Envoy and a grpc-js client without a failed call", async () => {
				await using backends = await startBackends(startGrpcBackend, "x", "y");
				const { x, y } = backends;
				await using knot = await Knot.start("host 1 A 127.0.0.1");
				const record = (owner: string, address: string, weight: number) =>
					`${owner} 1 SRV 1 ${weight} ${address.split(":")[1]} host`;
				await using lab = await EnvoyLab.start({
					which,
					config: () => ({
						providers: { dns: { servers: [knot.address], minInterval: "1s", timeout: "5s" } },
						services: {
							web: `dns:///_http._tcp.web.${ZONE}`,
							greeter: { target: `dns:///greeter.${ZONE}`, protocol: "grpc" },
						},
					}),
				});
				const { envoy, fingerpost, a, b } = lab;
				await knot.change(
					`set ${record("_http._tcp.web", a, 1)}`,
					`set ${record("_http._tcp.web", b, 3)}`,
					`set ${record("_grpc._tcp.greeter", x.address, 1)}`,
				);
				await envoy.waitForHosts("web", [a, b]);
				await using client = new GrpcXdsClient({ port: fingerpost.xdsPort });
				await client.waitForBackends("greeter", ["x"]);
				await client.startLoad("greeter", 100);
				await using load = new Load({ url: envoy.ingress, service: "web", rate: 200 });
				await waitUntil("the load runs", () => load.result.ok >= 400);
				const { a: ofA = 0, b: ofB = 0 } = load.result.byBackend;
				expect(ofB / ofA).toBeGreaterThan(2);
				expect(ofB / ofA).toBeLessThan(4.5);

				await knot.change(
					`unset _http._tcp.web SRV 1 1 ${a.split(":")[1]} host`,
					`set ${record("_grpc._tcp.greeter", y.address, 1)}`,
					`unset _grpc._tcp.greeter SRV 1 1 ${x.address.split(":")[1]} host`,
				);
				await envoy.waitForHosts("web", [b]);
				await client.waitForBackends("greeter", ["y"]);
				await knot.stop();
				await waitUntil("the services are stale", async () =>
					(await fingerpost.services()).every(({ state }) => state === "stale"),
				);
				await knot.resume(
					"host 1 A 127.0.0.1",
					record("_http._tcp.web", lab.c, 1),
					record("_grpc._tcp.greeter", x.address, 1),
				);
				await envoy.waitForHosts("web", [lab.c]);
				await client.waitForBackends("greeter", ["x"]);
				expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
				expect(await client.stopLoad("greeter")).toMatchObject({ failed: 0, failures: [] });
				expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
			});
		},
		{ versions: ["1.40.0"], modes: ["sotw"] },
	);
});
