import { describe, expect, it } from "vitest";
import { Fingerpost } from "../../../lab/fingerpost.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { runProgram } from "../run-program.js";

describe("endpoints that vanish all at once", () => {
	it("are held and seen in services, API, metrics and log, until approve lets them go", async () => {
		await using server = await Fingerpost.start({ services: {}, guard: {} });
		const admin = new URL(server.adminUrl).host;
		const run = (...args: string[]) => runProgram([...args, "--admin", admin]);
		await server.writeFile("web.yaml", JSON.stringify(["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"]));
		await server.setServices({ "shop/web": `file://${server.folder}/web.yaml` });
		await waitUntil("it is served", async () => (await server.service("shop/web")).endpoints.ready === 3);

		await server.writeFile("web.yaml", "[]");
		await server.waitForWarning(/endpoints are held: too many would go at once/);
		const held = await server.service("shop/web");
		expect(held).toMatchObject({ state: "synced", endpoints: { total: 3, ready: 3, held: 3 } });
		expect(held).toMatchObject({ targets: [{ answered: 0, held: { count: 3, of: 3, why: "target" } }] });
		expect(held.notes.join()).toContain("3 of 3 endpoints");
		const { stdout } = await run("services");
		expect(stdout).toContain("3/3 (3 held)");
		expect(stdout).toContain("fingerpost approve shop/web");
		const metrics = await server.get("/metrics");
		expect(metrics).toMatch(/^fingerpost_held_endpoints\{target="file:.*web.yaml"\} 3$/m);
		expect(metrics).toMatch(/^fingerpost_holds_total 1$/m);

		expect(await run("approve", "shop/wb")).toMatchObject({
			code: 1,
			stderr: expect.stringContaining('did you mean "shop/web"?'),
		});
		expect(await run("approve", "shop/web")).toMatchObject({
			code: 0,
			stdout: "3 endpoints of shop/web are held no longer\n",
		});
		expect((await server.service("shop/web")).endpoints).toEqual({ total: 0, ready: 0, held: 0 });
		expect(await run("approve", "shop/web")).toMatchObject({ code: 0, stdout: "nothing of shop/web is held\n" });
		const answer = await fetch(`${server.adminUrl}/api/v1/services/shop/web/approve`, { method: "POST" });
		expect([answer.status, await answer.json()]).toEqual([200, { service: "shop/web", released: 0 }]);
	});
});
