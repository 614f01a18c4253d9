import { describe, expect, it } from "vitest";
import { AckingClient } from "../../lab/acking-client.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import type { ExplainJson } from "../../src/admin/explain/explain-json.js";
import type { ExplainedAtJson } from "../../src/admin/explain/explained-at.js";
import type { HistoryJson } from "../../src/admin/explain/history-json.js";
import { runProgram } from "../cli/run-program.js";

const address = (port: number) => `127.0.0.1:${port}`;

describe("explain, history, diff and rollback", () => {
	it("tell who has a change and who not, what was before, and bring it back", async () => {
		await using server = await Fingerpost.start({ services: {} });
		const admin = new URL(server.adminUrl).host;
		const run = (...args: string[]) => runProgram([...args, "--admin", admin]);
		const write = (...ports: readonly number[]) => server.writeFile("web.yaml", JSON.stringify(ports.map(address)));
		const explain = (query = "") => server.api<ExplainJson>(`/services/web/explain${query}`);
		const history = async () => (await server.api<HistoryJson>("/services/web/history")).changes;
		await write(1, 2, 3);
		await server.setServices({ web: `file://${server.folder}/web.yaml` });
		await waitUntil("it is served", async () => (await server.service("web")).endpoints.ready === 3);
		const before = await server.service("web");

		using stack = new DisposableStack();
		const clients = [1, 2, 3].map((n) => stack.use(new AckingClient(server.xdsPort, `envoy-${n}`)));
		const [lazy] = clients;
		if (!lazy) throw new Error("there are three");
		await waitUntil("all have it", async () => {
			const { clients: found } = await explain();
			return found?.asking === 3 && found.acked === 3;
		});
		await waitUntil("the first change is with all", async () => (await history())[0]?.ackedByAllAt);

		// One does not ACK the next change.
		lazy.acks = false;
		await write(1, 2, 4);
		const late = await waitUntil("two of three have it", async () => {
			const found = await explain();
			return found.clients?.acked === 2 && found.endpoints.some(({ port }) => port === 4) ? found : undefined;
		});
		const of = ({ endpoints }: ExplainJson, port: number) => endpoints.find((each) => each.port === port);
		expect(of(late, 4)).toMatchObject({
			...{ acked: 2, waitingCount: 1 },
			waiting: [{ node: "envoy-1", state: "sent", since: late.lastChange?.at }],
		});
		// What has not changed is had by it, too.
		expect(of(late, 1)).toMatchObject({ acked: 3, waiting: [], waitingCount: 0 });
		expect(late.lastChange).toMatchObject({ ackedByAllAt: null, endpoints: 2 });
		expect(late.versions).toContainEqual({
			...{ type: "eds", family: "envoy" },
			version: (await server.service("web")).version,
		});
		const one = await explain(`?address=${address(4)}`);
		expect(one.endpoints.map(({ port }) => port)).toEqual([4]);
		const { stdout: shown } = await run("explain", "web", address(4));
		expect(shown).toContain(`waiting: envoy-1 (stream `);
		expect(shown).toContain("line 1");
		expect(shown).toContain("clients: 2 of 3 have ACKed all of it");
		const at = async (client: string) => {
			const query = `?address=${address(4)}&at=0s&client=${client}`;
			return (await server.api<ExplainedAtJson>(`/services/web/explain${query}`)).client?.had;
		};
		expect([await at("envoy-1"), await at("envoy-2"), await at("nobody")]).toEqual(["no", "yes", "unknown"]);

		lazy.acks = true;
		await waitUntil("it is with all", async () => (await history())[0]?.ackedByAllAt);
		expect(await history()).toMatchObject([
			{ added: [address(4)], removed: [address(3)], changed: [], target: `file://${server.folder}/web.yaml` },
			{ added: [1, 2, 3].map(address), version: before.version },
		]);
		expect(await at("envoy-1")).toBe("yes");
		const past = (await history())[0]?.at ?? "";
		const then = new Date(Date.parse(past) - 1).toISOString();
		const gone = await run("explain", "web", address(3), "--at", then, "--client", "envoy-1", "-o", "json");
		expect(JSON.parse(gone.stdout)).toMatchObject({
			...{ endpoint: { health: "healthy" }, version: before.version, client: { had: "yes" } },
		});
		expect(await run("diff", "web", "--since", then)).toMatchObject({
			code: 1,
			stdout: `+ ${address(4)}\n- ${address(3)}\n1 added, 1 removed, 0 changed\n`,
		});
		expect(await run("diff", "web", "--since", "0s")).toMatchObject({ code: 0 });
		expect(await run("diff", "wbe", "--since", "1m")).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('did you mean "web"?'),
		});
		expect((await run("history", "web")).stdout).toContain(before.version);
		const metrics = await server.get("/metrics");
		expect(metrics).toMatch(/^fingerpost_source_latency_seconds_count\{provider="file",type="eds"\} [1-9]/m);

		expect(await run("rollback", "web")).toMatchObject({ code: 2, stderr: expect.stringContaining("--for") });
		expect(await run("rollback", "web", "--for", "30m")).toMatchObject({
			code: 0,
			stdout: expect.stringContaining(`web is pinned to version ${before.version} (3 endpoints) until `),
		});
		const pinned = await server.service("web");
		expect(pinned).toMatchObject({ version: before.version, pin: { version: before.version } });
		expect(pinned.notes[0]).toContain("pinned to version");
		await write(5);
		expect((await run("services")).stdout).toContain("synced (pinned)");
		expect((await run("status")).stdout).toContain("pinned to what they were: web");
		expect(await server.get("/metrics")).toMatch(/^fingerpost_pinned_services 1$/m);
		expect(await run("release", "web")).toMatchObject({ code: 0, stdout: "web follows its sources again\n" });
		await waitUntil("its source is followed", async () => (await server.service("web")).endpoints.total === 1);
		expect(await run("release", "web")).toMatchObject({ code: 0, stdout: "web was not pinned\n" });
		const log = server.log.map(({ msg }) => msg);
		expect(log).toEqual(expect.arrayContaining(["service is pinned to what it was", "service is pinned no longer"]));
	});

	it("refuse what cannot be, and a pin outlives a restart where there is a state directory", async () => {
		await using server = await Fingerpost.start({ services: {}, state: { directory: "state" } });
		await server.writeFile("web.yaml", JSON.stringify([1, 2].map(address)));
		await server.setServices({ web: `file://${server.folder}/web.yaml` });
		await waitUntil("it is served", async () => (await server.service("web")).endpoints.ready === 2);
		const ask = async (path: string, method = "POST") => {
			const answer = await fetch(`${server.adminUrl}/api/v1/services/${path}`, { method });
			return `${answer.status} ${((await answer.json()) as { error?: string }).error}`;
		};
		expect(await ask("web/rollback")).toContain("400 say for how long");
		expect(await ask("web/rollback?for=1000h")).toContain("400 say for how long");
		expect(await ask("web/rollback?for=1m")).toContain('404 no state before the present one of "web" is known');
		expect(await ask("web/rollback?for=1m&to=nothing")).toContain('404 no version "nothing" of "web" is known');
		expect(await ask("wbe/rollback?for=1m")).toContain('404 there is no service "wbe"');
		expect(await ask("web/rollback?for=1m", "GET")).toContain("404");
		expect(await ask("web/diff", "GET")).toContain("400 say since when");
		expect(await ask("web/diff?since=yesterday", "GET")).toContain("400 since is a time");
		expect(await ask("web/diff?since=1h", "GET")).toContain("404 what");
		expect(await ask("web/history?limit=0", "GET")).toContain("400 limit");
		expect(await ask("web/explain?at=1m", "GET")).toContain("400 at and client");

		await server.writeFile("web.yaml", JSON.stringify([1, 3].map(address)));
		await waitUntil("it has changed", async () => (await server.service("web")).items?.some(({ port }) => port === 3));
		expect(await ask("web/rollback?for=1h")).toBe("200 undefined");
		const { version } = await server.service("web");
		await server.kill();
		await server.startAgain();
		const again = await server.service("web");
		expect(again).toMatchObject({ version, pin: { version } });
		expect(again.items?.map(({ port }) => port)).toEqual([1, 2]);
		expect(await ask("web/release")).toBe("200 undefined");
		await waitUntil("it is what the file says", async () =>
			(await server.service("web")).items?.some(({ port }) => port === 3),
		);
	});
});
