import { describe, expect, it } from "vitest";
import { describeProgram } from "../../lab/describe-program.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { GoControlPlaneClient } from "../../lab/go-control-plane-client.js";
import { goProgram } from "../../lab/go-program.js";
import { waitUntil } from "../../lab/wait-until.js";

const web = { endpoints: ["127.0.0.1:8080"] };

// It asks for all of a type, and never for a name. See lab/clients/README.md.
describeProgram("go-control-plane's client", await goProgram("go-control-plane"), (path) => {
	describe("that asks for all clusters", () => {
		it("follows what comes, goes and comes back, and a restart", async () => {
			await using fingerpost = await Fingerpost.start({ removalGrace: "0s", services: { web } });
			await using client = new GoControlPlaneClient(path, fingerpost.xdsPort, "cds");
			await client.has("web");
			expect(client.events.at(-1)?.services).toEqual(["web"]);
			await fingerpost.setServices({ more: web });
			await client.has("more", "web");
			await fingerpost.setServices({ more: undefined });
			await client.has("web");
			await fingerpost.kill("SIGKILL");
			await waitUntil("it is cut off", () => client.events.some(({ event }) => event === "disconnected"));
			await fingerpost.startAgain();
			await fingerpost.setServices({ more: web });
			await client.has("more", "web");
		});

		it("that rejects one of them has the others, and changes nothing for its neighbour", async () => {
			await using fingerpost = await Fingerpost.start({ services: { web } });
			await using grumbler = new GoControlPlaneClient(path, fingerpost.xdsPort, "cds", "bad");
			await using neighbour = new GoControlPlaneClient(path, fingerpost.xdsPort, "cds");
			for (const client of [grumbler, neighbour]) await client.has("web");
			await fingerpost.setServices({ bad: web, more: web });
			await grumbler.has("more", "web");
			await neighbour.has("bad", "more", "web");
			const problem = await waitUntil("it is shown", async () => (await fingerpost.service("bad")).problems[0]);
			expect(problem).toMatchObject({ type: "cds", rejectedBy: 1, ackedBy: 1, message: "I do not take bad" });
			const sets = neighbour.events.filter(({ event }) => event === "accepted").map(({ names }) => names);
			expect(sets).toEqual([["web"], ["bad", "more", "web"]]);
		});
	});

	it("that asks for all endpoints gets none, and is told so", async () => {
		await using fingerpost = await Fingerpost.start({ services: { web } });
		await using client = new GoControlPlaneClient(path, fingerpost.xdsPort, "eds");
		await waitUntil("the log says so", () => fingerpost.log.some(({ text }) => text.includes("asks for no names")));
		const [status] = await fingerpost.clients();
		expect(status?.types.eds).toMatchObject({ asksNothing: true, synced: false });
		expect(client.events.map(({ event }) => event)).toEqual(["connected"]);
	});
});
