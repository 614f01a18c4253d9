import { describe, expect, it } from "vitest";
import { startBackends, startGrpcBackend, startHttpBackend } from "../../lab/backends.js";
import { Child } from "../../lab/child.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { envoyBootstrap } from "../../lab/envoy-bootstrap.js";
import { burst, Load } from "../../lab/load.js";
import { PATIENCE } from "../../lab/patience.js";
import { freePorts } from "../../lab/ports.js";
import { waitUntil } from "../../lab/wait-until.js";

// The lab itself against stand-ins: a load that counts no failure, or an Envoy that never shows one, would let every
// other test pass.
describe("the lab", () => {
	it("gives up waiting, and says for what and what it saw last", async () => {
		await expect(waitUntil("pigs fly", () => 0, { timeout: 60 })).rejects.toThrow(/60 ms in vain until pigs fly.*: 0/);
		const fails = () => Promise.reject(new Error("no wings"));
		await expect(waitUntil("pigs fly", fails, { timeout: 60 })).rejects.toThrow(/no wings/);
	});

	it("counts answers by back end, and failures", async () => {
		await using backends = await startBackends(startHttpBackend, "a");
		const url = `http://${backends.a.address}`;
		expect(await burst(url, "any", 5)).toMatchObject({ ok: 5, failed: 0, byBackend: { a: 5 } });
		const [unused] = await freePorts(1);
		const refused = await burst(`http://127.0.0.1:${unused}`, "any", 2);
		expect(refused).toMatchObject({ ok: 0, failed: 2 });
		expect(refused.failures[0]).toContain("ECONNREFUSED");
	});

	it("keeps up a steady load until it is stopped", async () => {
		await using backends = await startBackends(startHttpBackend, "a");
		const load = new Load({ url: `http://${backends.a.address}`, service: "any", rate: 400 });
		await waitUntil("100 answers have come", () => load.result.ok >= 100);
		const { ok, failed } = await load.stop();
		expect(failed).toBe(0);
		expect(backends.a.requests).toBe(ok);
	});

	it("ends a load by itself at its limit", async () => {
		await using backends = await startBackends(startHttpBackend, "a");
		await using load = new Load({ url: `http://${backends.a.address}`, service: "any", rate: 1_000, limit: 100 });
		let last = -1;
		await waitUntil(
			"no request comes any more",
			() => {
				const before = last;
				last = load.result.ok;
				return last > 0 && last === before;
			},
			{ interval: 100 },
		);
		expect(last).toBeLessThanOrEqual(120);
	});

	it("kills a process that ignores the signal, and says so", async () => {
		const child = new Child(process.execPath, [
			"-e",
			'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1e3)',
		]);
		await waitUntil("it is up", () => child.stdout.includes("up"));
		await expect(child.kill("SIGTERM", 200)).rejects.toThrow(/did not end within 200 ms/);
		expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" });
	});

	it("has gRPC back ends that say their name", async () => {
		await using backend = await startGrpcBackend("g");
		const { Client, credentials } = await import("@grpc/grpc-js");
		const client = new Client(backend.address, credentials.createInsecure());
		const bytes = (value: Buffer) => value;
		const answer = await new Promise((resolve, reject) => {
			const deadline = Date.now() + PATIENCE;
			client.makeUnaryRequest("/lab.Echo/Who", bytes, bytes, Buffer.alloc(0), { deadline }, (error, value) =>
				error ? reject(error) : resolve(String(value)),
			);
		});
		client.close();
		expect(answer).toBe("g");
		expect(backend.requests).toBe(1);
	});
});

describeEnvoys(
	"the lab's Envoy without a control plane",
	({ mode, binary }) => {
		it("starts, shows its stats and clusters, and fails what it does not know", async () => {
			await using envoy = await Envoy.start(binary, envoyBootstrap({ mode, xds: [9], clusters: [] }));
			expect(Object.keys(await envoy.clusters())).toEqual(["xds"]);
			expect(await envoy.stat("cluster_manager.active_clusters")).toBe(1);
			expect(await burst(envoy.ingress, "unknown", 3)).toMatchObject({ ok: 0, failed: 3 });
		});

		it("says why it cannot start", async () => {
			await expect(Envoy.start(binary, "static_resources: {listeners: [{nmae: x}]}")).rejects.toThrow(/nmae/);
		});
	},
	{ modes: ["sotw"] },
);
