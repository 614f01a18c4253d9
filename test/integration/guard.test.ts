import { expect, it } from "vitest";
import { Consul, describeConsul } from "../../lab/consul.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { keptServices } from "../../lab/kept-services.js";
import { describeKnot, Knot, ZONE } from "../../lab/knot.js";
import { describeKubeApi } from "../../lab/kube-api.js";
import { KubeLab } from "../../lab/kube-lab.js";
import { sliceObject } from "../../lab/slice-object.js";
import { waitUntil } from "../../lab/wait-until.js";
import { runProgram } from "../cli/run-program.js";
import { tempFolder } from "../util/temp-folder.js";

/** Until the service has so many ready endpoints, of which so many are held. */
async function has(server: Fingerpost, service: string, ready: number, held = 0): Promise<void> {
	await waitUntil(
		`${service} has ${ready} endpoints and ${held} held`,
		async () => {
			const { endpoints } = await server.service(service);
			if (endpoints.ready === ready && endpoints.held === held) return true;
			throw new Error(`${endpoints.ready} ready, ${endpoints.held} held`);
		},
		// A client may wait for half a minute before it asks again.
		{ timeout: 120_000 },
	);
}

describeConsul("a real Consul that is restored from an old snapshot", () => {
	it("loses no endpoint at once: they are held until it recovers, or has said so for holdFor", async () => {
		await using consul = await Consul.start();
		const put = (port: number) => consul.put({ service: "web", port });
		await put(8001);
		const old = await consul.snapshot();
		const later = [8002, 8003, 8004, 8005, 8006, 8007];
		for (const port of later) await put(port);
		await using server = await Fingerpost.start({
			providers: { consul: { address: consul.url } },
			services: {
				web: { target: "consul:///web", guard: { holdFor: "1h" } },
				brief: { target: "consul:///web", guard: { holdFor: "3s" } },
			},
		});
		await Promise.all([has(server, "web", 7), has(server, "brief", 7)]);

		await consul.restore(old);
		await has(server, "web", 7, 6);
		expect((await server.service("web")).notes.join()).toContain("held");
		await has(server, "brief", 1);
		expect((await server.service("web")).endpoints).toMatchObject({ ready: 7, held: 6 });

		for (const port of later) await put(port);
		await Promise.all([has(server, "web", 7), has(server, "brief", 7)]);
	});
});

describeKubeApi("a real API server", () => {
	it("is believed when it scales a service from 20 to 3, and not when it lists nothing after a restore", async () => {
		await using kube = await KubeLab.start();
		await kube.api.backUp();
		const pods = (count: number) => {
			const endpoints = Array.from({ length: count }, (_, i) => `10.0.0.${i + 1}`);
			return kube.api.put(sliceObject("web", { ports: ["http:8080"], endpoints }));
		};
		await pods(20);
		await using state = await tempFolder();
		const { port, caFile } = kube.api;
		await using server = await Fingerpost.start({
			state: { directory: state.path },
			guard: { holdFor: "1h" },
			providers: { kubernetes: { server: `https://127.0.0.1:${port}`, caFile, token: kube.token } },
			services: { web: "k8s:///shop/web:http" },
		});
		await has(server, "web", 20);
		await pods(3);
		await has(server, "web", 3);

		await kube.api.restore();
		await has(server, "web", 3, 3);
		// In the middle of it, once that is kept, the process is killed.
		await waitUntil("the hold is kept", async () =>
			keptServices(state.path).some(({ targets }) => targets.some(({ hold }) => hold)),
		);
		await server.kill("SIGKILL");
		await server.startAgain();
		expect((await server.service("web")).endpoints).toMatchObject({ ready: 3, held: 3 });
		await waitUntil("it has asked again", async () => (await server.service("web")).state === "synced", {
			timeout: 120_000,
		});
		expect((await server.service("web")).endpoints).toMatchObject({ ready: 3, held: 3 });
		const { code } = await runProgram(["approve", "web", "--admin", new URL(server.adminUrl).host]);
		expect(code).toBe(0);
		await has(server, "web", 0);
	}, 600_000);
});

describeKnot("a real DNS server whose name shrinks from 3 addresses to 1", () => {
	it("is believed with 80 %, of which two thirds are less, and held with 50 % until it recovers or is approved", async () => {
		const record = (n: number) => `web 1 A 127.0.0.${n}`;
		await using knot = await Knot.start(...[1, 2, 3].map(record));
		const target = `dns:///web.${ZONE}:80`;
		const held = (maxRemovalPercent: number) => ({ target, guard: { maxRemovalPercent, holdFor: "1h" } });
		await using server = await Fingerpost.start({
			providers: { dns: { servers: [knot.address], minInterval: "1s" } },
			services: { default: target, 67: held(67), 66: held(66), 50: held(50) },
		});
		const all = (ready: Readonly<Record<string, readonly [number, number?]>>) =>
			Promise.all(Object.entries(ready).map(([service, [count, of]]) => has(server, service, count, of)));
		await all({ default: [3], 67: [3], 66: [3], 50: [3] });

		await knot.change("unset web A 127.0.0.2", "unset web A 127.0.0.3");
		await all({ default: [1], 67: [1], 66: [3, 2], 50: [3, 2] });
		expect((await server.service("50")).notes.join()).toContain("held");
		expect(server.log.filter(({ msg }) => msg.startsWith("endpoints are held"))).toHaveLength(2);

		const { code } = await runProgram(["approve", "66", "--admin", new URL(server.adminUrl).host]);
		expect(code).toBe(0);
		await all({ default: [1], 67: [1], 66: [1], 50: [3, 2] });
		// One of the two is back: a third less than before is let go.
		await knot.change("set web 1 A 127.0.0.2");
		await all({ default: [2], 67: [2], 66: [2], 50: [2] });
	});
});
