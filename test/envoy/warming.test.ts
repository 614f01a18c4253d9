import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { type EitherHttpBackend, startEitherHttpBackend } from "../../lab/either-http-backend.js";
import { ENVOY_VERSIONS } from "../../lab/envoy-binary.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { ask, Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

interface ActiveClusters {
	readonly configs?: readonly {
		readonly cluster: {
			readonly name: string;
			readonly connect_timeout?: string;
			readonly typed_extension_protocol_options?: object;
		};
	}[];
}

/** What a cluster that is in use is like. */
interface ClusterShape {
	readonly connectTimeout: string;
	readonly http2: boolean;
}

// R17, R18, R20
describeEnvoys(
	"clusters that come, change and go, without a stall and while another is under load",
	(which) => {
		let lab: EnvoyLab;
		let either: EitherHttpBackend;
		let load: Load;

		beforeAll(async () => {
			either = await startEitherHttpBackend("e");
			lab = await EnvoyLab.start({
				which,
				staticClusters: ["early"],
				config: ({ a, b }) => ({
					removalGrace: "500ms",
					services: {
						steady: { endpoints: [a] },
						changing: { endpoints: [either.address] },
						guest: { endpoints: [b] },
					},
				}),
			});
			// It has started although there is no service early.
			expect(await lab.envoy.givenUp()).toBe(0);
			load = new Load({ url: lab.envoy.ingress, service: "steady" });
			await waitUntil("the load runs", () => load.result.ok > 20);
		});
		afterAll(async () => {
			await load?.stop();
			await lab?.[Symbol.asyncDispose]();
			await either?.[Symbol.asyncDispose]();
		});
		afterEach(async () => {
			const soFar = load.result.ok;
			await waitUntil("the load goes on", () => load.result.ok > soFar + 20);
			expect(load.result).toMatchObject({ failed: 0, failures: [], byBackend: { a: load.result.ok } });
			expect(await lab.envoy.stat("cluster_manager.warming_clusters")).toBe(0);
			expect(await lab.envoy.givenUp(), "no stall").toBe(0);
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		});

		async function waitForAnswer(service: string, status: number, body: string): Promise<void> {
			const what = `${service} answers ${status} ${body}`;
			await waitUntil(what, async () => {
				const answer = await ask(lab.envoy.ingress, service);
				return answer.status === status && answer.body === body;
			});
		}

		async function shapeOf(service: string): Promise<ClusterShape | undefined> {
			const dump = await lab.envoy.get("/config_dump?resource=dynamic_active_clusters");
			const { configs = [] } = JSON.parse(dump) as ActiveClusters;
			const cluster = configs.find((each) => each.cluster.name === service)?.cluster;
			return (
				cluster && {
					connectTimeout: cluster.connect_timeout ?? "",
					http2: Object.keys(cluster.typed_extension_protocol_options ?? {}).length > 0,
				}
			);
		}

		it("takes a changed cluster at once, without a failed request to it", async () => {
			await using own = new Load({ url: lab.envoy.ingress, service: "changing" });
			for (const [connectTimeout, protocol] of [
				["2s", "http1"],
				["2s", "http2"],
				["3s", "http2"],
				["1s", "http1"],
			] as const) {
				await lab.fingerpost.setServices({ changing: { connectTimeout, protocol, endpoints: [either.address] } });
				const wanted = JSON.stringify({ connectTimeout, http2: protocol === "http2" });
				await waitUntil(
					`changing is in use as ${wanted}`,
					async () => JSON.stringify(await shapeOf("changing")) === wanted,
				);
				const soFar = either.requests[protocol];
				await waitUntil(`it is asked by ${protocol}`, () => either.requests[protocol] > soFar + 20);
			}
			expect(await own.stop()).toMatchObject({ failed: 0, failures: [] });
		});

		it("takes cluster and endpoints that change together", async () => {
			await lab.fingerpost.setServices({ changing: { connectTimeout: "4s", endpoints: [lab.c] } });
			await waitForAnswer("changing", 200, "c");
			await waitUntil("the cluster is the new one", async () => (await shapeOf("changing"))?.connectTimeout === "4s");
		});

		it("uses a new cluster at once, be it asked for before or not", async () => {
			await waitForAnswer("asked", 503, "");
			await lab.fingerpost.setServices({ asked: { endpoints: [lab.b] }, fresh: { endpoints: [lab.c] } });
			await waitForAnswer("asked", 200, "b");
			await waitForAnswer("fresh", 200, "c");
		});

		it("has a new cluster without endpoints empty at once, and then follows it", async () => {
			await lab.fingerpost.setServices({ bare: { endpoints: [] } });
			await waitForAnswer("bare", 503, "no healthy upstream");
			await lab.fingerpost.setServices({ bare: { endpoints: [lab.b] } });
			await waitForAnswer("bare", 200, "b");
			await lab.fingerpost.setServices({ bare: { endpoints: [] } });
			await waitForAnswer("bare", 503, "no healthy upstream");
		});

		it("serves a static cluster as soon as its service exists, empties it afterwards, and serves it again", async () => {
			await waitForAnswer("early", 503, "no healthy upstream");
			for (const name of ["b", "c", "c"] as const) {
				await lab.fingerpost.setServices({ early: { endpoints: [lab[name]] } });
				await waitForAnswer("early", 200, name);
				await lab.fingerpost.setServices({ early: undefined });
				await waitForAnswer("early", 503, "no healthy upstream");
			}
		});

		it("renames a cluster", async () => {
			await lab.fingerpost.setServices({ guest: undefined, visitor: { endpoints: [lab.b] } });
			await waitForAnswer("visitor", 200, "b");
			await waitForAnswer("guest", 503, "");
			await waitForAnswer("visitor", 200, "b");
		});

		it("removes a cluster and uses it again when it comes back as it was", async () => {
			for (let times = 0; times < 2; times++) {
				await lab.fingerpost.setServices({ visitor: undefined });
				await waitForAnswer("visitor", 503, "");
				await lab.fingerpost.setServices({ visitor: { endpoints: [lab.b] } });
				await waitForAnswer("visitor", 200, "b");
			}
		});
	},
	{ versions: ENVOY_VERSIONS },
);
