import { describe, expect, it } from "vitest";
import { AckingClient } from "../../lab/acking-client.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import type { ConvergedJson } from "../../src/admin/converged/converged.js";
import { runProgram } from "../cli/run-program.js";

const CLIENTS = 50;

describe("the drain barrier", () => {
	it("opens when all clients know, and names the one that does not", async () => {
		await using server = await Fingerpost.start({ services: {} });
		const list = (...ends: readonly object[]) => server.writeFile("web.yaml", JSON.stringify(ends));
		const [a, b, c] = [8_081, 8_082, 8_083].map((port) => ({ address: `127.0.0.1:${port}` })) as [
			object,
			object,
			object,
		];
		await list(a, b, c);
		await server.setServices({ web: `file://${server.folder}/web.yaml` });
		await waitUntil("it is served", async () => (await server.service("web")).endpoints.ready === 3);
		using stack = new DisposableStack();
		const clients = Array.from({ length: CLIENTS }, (_, i) =>
			stack.use(new AckingClient(server.xdsPort, `envoy-${i}`)),
		);
		const converged = async (query: string) => {
			const answer = await fetch(`${server.adminUrl}/api/v1/converged?service=web&${query}`);
			return { status: answer.status, ...((await answer.json()) as ConvergedJson) };
		};
		const present = await waitUntil("all ask", async () => {
			const answer = await converged("address=127.0.0.1:8083");
			return answer.clients === CLIENTS ? answer : undefined;
		});
		expect(present).toMatchObject({ status: 200, converged: true, address: "present", waiting: [] });

		// Nothing happens to it: the time is up.
		const still = await converged("address=127.0.0.1:8083&absent=true&timeout=50ms");
		expect(still).toMatchObject({ status: 504, converged: false, address: "present", waitingCount: CLIENTS });

		const gone = converged("address=127.0.0.1:8083&absent=true&timeout=60s");
		await list(a, b, { ...c, health: "draining" });
		expect(await gone).toMatchObject({ status: 200, converged: true, clients: CLIENTS, address: "draining" });

		const deaf = clients[7] as AckingClient;
		deaf.acks = false;
		await list(a, b);
		await waitUntil("it is gone", async () => (await server.service("web")).endpoints.total === 2);
		const admin = new URL(server.adminUrl).host;
		const wait = (address: string, timeout: string) =>
			runProgram(["wait", "--service", "web", "--address", address, "--gone", "--timeout", timeout, "--admin", admin]);
		await list(a, { ...b, health: "draining" });
		const late = await waitUntil("only that one is waited for", async () => {
			const outcome = await wait("127.0.0.1:8082", "500ms");
			return outcome.stderr.includes(` 1 of ${CLIENTS} clients`) ? outcome : undefined;
		});
		expect(late).toMatchObject({ code: 1, stdout: "" });
		expect(late.stderr).toContain("envoy-7 (stream ");
		deaf.acks = true;
		expect(await wait("127.0.0.1:8082", "60s")).toMatchObject({
			code: 0,
			stdout: `web 127.0.0.1:8082 gone or draining: all ${CLIENTS} clients have it\n`,
		});
	});

	it("says what is wrong with a question", async () => {
		await using server = await Fingerpost.start({ services: { web: "127.0.0.1:1" } });
		const status = async (query: string) => (await fetch(`${server.adminUrl}/api/v1/converged${query}`)).status;
		expect(await status("")).toBe(400);
		expect(await status("?service=web&address=127.0.0.1")).toBe(400);
		expect(await status("?service=web&address=127.0.0.1:1&timeout=11m")).toBe(400);
		expect(await status("?service=web&address=127.0.0.1:1&absent=yes")).toBe(400);
		expect(await status("?service=none&address=127.0.0.1:1")).toBe(404);
		expect(await status("?service=none&address=127.0.0.1:1&absent=true")).toBe(200);
		const { code } = await runProgram(["wait", "--service", "web"]);
		expect(code).toBe(2);
	});
});
