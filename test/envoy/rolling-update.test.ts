import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { envoyBootstrap } from "../../lab/envoy-bootstrap.js";
import { HttpGate } from "../../lab/faults/http-gate.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { GrpcXdsClient } from "../../lab/grpc-xds-client.js";
import { describeKubeApi } from "../../lab/kube-api.js";
import { KubeLab } from "../../lab/kube-lab.js";
import { Load } from "../../lab/load.js";
import { freePorts } from "../../lab/ports.js";
import { RollingUpdate, SERVED_NET, STORED_NET } from "../../lab/rolling/rolling-update.js";
import { waitUntil } from "../../lab/wait-until.js";
import type { ConvergedJson } from "../../src/admin/converged/converged.js";
import { runProgram } from "../cli/run-program.js";

const PODS = 20;
/** As `maxSurge: 25%` lets. */
const AT_A_TIME = 5;
const ENVOYS = 5;
/** Requests a second of each Envoy and of the gRPC client: 500 of all. */
const RATE = { envoy: 80, grpc: 100 };

function median(numbers: readonly number[]): number {
	return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
}

describeKubeApi("pods that wait in their preStop hook", () => {
	describeEnvoys(
		"through two replicas",
		({ binary }) => {
			it(`are all replaced under load, and no request fails: ${PODS} pods, ${ENVOYS} Envoys, a gRPC client`, async () => {
				await using owned = new AsyncDisposableStack();
				const kube = owned.use(await KubeLab.start());
				const to = { port: kube.api.port, ca: await readFile(kube.api.caFile, "utf8") };
				const rewrite = (line: string) => line.replaceAll(STORED_NET, SERVED_NET);
				const gate = owned.use(await HttpGate.start({ to, rewrite }));
				const [port = 0] = await freePorts(1);
				const update = owned.use(new RollingUpdate(kube.api, port));
				await update.start(PODS);

				const config = {
					providers: { kubernetes: { server: gate.url, token: kube.token, insecure: true } },
					services: { web: { target: "k8s:///shop/web:grpc", protocol: "grpc" } },
				};
				const replicas = [owned.use(await Fingerpost.start(config)), owned.use(await Fingerpost.start(config))];
				const xdsOf = (i: number) => replicas[i % replicas.length]?.xdsPort ?? 0;
				const loads: Load[] = [];
				for (let i = 0; i < ENVOYS; i++) {
					const bootstrap = envoyBootstrap({ mode: i % 2 ? "sotw" : "delta", xds: [xdsOf(i)], node: `envoy-${i}` });
					const envoy = owned.use(await Envoy.start(binary, bootstrap));
					await waitUntil("it has all pods", async () => (await envoy.clusters()).web?.length === PODS);
					loads.push(owned.use(new Load({ url: envoy.ingress, service: "web", rate: RATE.envoy })));
				}
				const client = owned.use(new GrpcXdsClient({ port: xdsOf(1) }));
				await client.startLoad("web", RATE.grpc);
				await waitUntil("all loads run", async () => {
					const results = [...loads.map(({ result }) => result), await client.readLoad("web")];
					return results.every(({ ok }) => ok >= 50);
				});

				const admins = replicas.flatMap(({ adminUrl }) => ["--admin", new URL(adminUrl).host]);
				const hooks: number[] = [];
				/** How long it took of each until all replicas could say so: the rest is the program's own start and end. */
				const known: number[] = [];
				const before = update.pods;
				await update.replaceAll(AT_A_TIME, async (address) => {
					const begun = performance.now();
					const query = `service=web&address=${address}&absent=true&timeout=50s`;
					const asked = replicas.map((each) => each.api<ConvergedJson>(`/converged?${query}`));
					const told = Promise.all(asked).then(() => known.push(performance.now() - begun));
					const wait = ["wait", "--service", "web", "--address", address, "--gone", "--timeout", "50s"];
					const { code, stdout, stderr } = await runProgram([...wait, ...admins]);
					hooks.push(performance.now() - begun);
					await told;
					expect({ code, stdout, stderr }).toEqual({
						...{ code: 0, stderr: "" },
						stdout: `web ${address} gone or draining: all ${ENVOYS + 1} clients have it\n`,
					});
				});
				expect(hooks.length).toBe(PODS);
				expect(before.every(({ requests }) => requests > 0)).toBe(true);
				// The new ones serve alone now.
				expect(update.pods.length).toBe(PODS);
				await waitUntil("all new pods are asked", () => update.pods.every(({ requests }) => requests > 0));
				for (const load of loads) expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
				expect(await client.stopLoad("web")).toMatchObject({ failed: 0, failures: [] });
				for (const each of replicas) expect(await each.nacks()).toEqual([]);
				// How long it takes is for docs/reliability.md.
				const [hook, most, all] = [median(hooks), Math.max(...hooks), median(known)].map(Math.round);
				process.stdout.write(
					`a preStop hook takes ${hook} ms, the longest ${most} ms; all clients know after ${all} ms\n`,
				);
			});
		},
		{ versions: ["1.40.0"], modes: ["delta"] },
	);
});
