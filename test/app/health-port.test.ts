import { expect, it } from "vitest";
import { ControlPlane } from "../../src/app/control-plane.js";

const LOOPBACK = "127.0.0.1:0";

async function statuses(port: number | undefined): Promise<number[]> {
	const paths = ["/healthz", "/readyz", "/metrics", "/api/v1/clients"];
	return Promise.all(paths.map(async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).status));
}

it.each([
	[true, 200],
	[false, 404],
])(
	"admin.health is a port of its own for probes, with the metrics as admin.metrics says (%j)",
	async (metrics, status) => {
		const admin = { listen: LOOPBACK, health: LOOPBACK, metrics };
		await using controlPlane = new ControlPlane({ xds: { listen: LOOPBACK }, admin, services: {} });
		const { admin: all, health } = await controlPlane.start();
		expect(health?.port).not.toBe(all.port);
		expect(await statuses(health?.port)).toEqual([200, 200, status, 404]);
		expect(await statuses(all.port)).toEqual([200, 200, 200, 200]);
	},
);

it("without admin.health there is none", async () => {
	await using controlPlane = new ControlPlane({ xds: { listen: LOOPBACK }, admin: { listen: LOOPBACK }, services: {} });
	expect((await controlPlane.start()).health).toBeUndefined();
});
