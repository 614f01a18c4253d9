import { expect, it } from "vitest";
import { startBackends, startHttpBackend } from "../../lab/backends.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { ENVOY_VERSIONS } from "../../lab/envoy-binary.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { burst } from "../../lab/load.js";
import { freePorts } from "../../lab/ports.js";
import { runProgram } from "../cli/run-program.js";

const REQUESTS = 300;
const HERE = ["a1", "a2", "a3"] as const;
const THERE = ["b1", "b2", "b3"] as const;

describeEnvoys(
	"bootstrap envoy --local-cluster",
	({ binary, mode }) => {
		it("has Envoy keep to its zone by its own arithmetic, and without it to none", async () => {
			await using backends = await startBackends(startHttpBackend, ...HERE, ...THERE);
			const at = (zone: string) => ({ locality: { region: "eu", zone } });
			const web = [...HERE, ...THERE].map((name) => ({ address: backends[name].address, ...at(`z-${name[0]}`) }));
			// The proxies themselves: Envoy sends them nothing, it counts them.
			const proxies = ["z-a", "z-b"].map((zone, i) => ({ address: `127.0.0.1:${i + 1}`, ...at(zone) }));
			const services = { web: { endpoints: web, zones: "off" }, proxies: { endpoints: proxies, zones: "off" } };
			await using fingerpost = await Fingerpost.start({ services });
			for (const local of [["--local-cluster", "proxies"], []]) {
				const [listen, admin] = (await freePorts(2)) as [number, number];
				const ports = ["--listen", `127.0.0.1:${listen}`, "--admin-port", String(admin), "--service", "web"];
				const place = ["--region", "eu", "--zone", "z-a", ...local, ...(mode === "sotw" ? ["--sotw"] : [])];
				const server = ["--server", `127.0.0.1:${fingerpost.xdsPort}`];
				const { stdout } = await runProgram(["bootstrap", "envoy", ...server, ...ports, ...place]);
				await using envoy = await Envoy.start(binary, stdout);
				const { ok, failures, byBackend } = await burst(envoy.ingress, "web", REQUESTS);
				expect({ ok, failures }).toEqual({ ok: REQUESTS, failures: [] });
				expect(Object.keys(byBackend).sort()).toEqual(local.length > 0 ? HERE : [...HERE, ...THERE]);
				expect(await envoy.stat("cluster.web.lb_zone_routing_all_directly")).toBe(local.length > 0 ? REQUESTS : 0);
				expect(await envoy.rejected()).toBe(0);
				// Which replica it has its clusters from.
				expect(await envoy.get("/stats?filter=control_plane.identifier")).toMatch(/: "?fingerpost\/\d+\.\d+\.\d+ \S+/);
			}
			expect(await fingerpost.nacks()).toEqual([]);
		});
	},
	{ versions: ENVOY_VERSIONS },
);
