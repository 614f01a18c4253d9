import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startHttpBackend } from "../../lab/backends.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { PATIENCE } from "../../lab/patience.js";
import { freePorts } from "../../lab/ports.js";
import { runProgram } from "../cli/run-program.js";

const run = promisify(execFile);

function shipped(name: string): string {
	return readFileSync(new URL(`../../envoy/${name}`, import.meta.url), "utf8");
}

async function bootstrap(...args: readonly string[]): Promise<string> {
	const { code, stdout, stderr } = await runProgram(["bootstrap", "envoy", ...args]);
	if (code !== 0) throw new Error(stderr);
	return stdout;
}

/** Throws with Envoy's own words if it would not start with this. */
async function validate(binary: string, text: string): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), "fingerpost-bootstrap-"));
	try {
		await writeFile(join(folder, "envoy.yaml"), text);
		await run(binary, ["--mode", "validate", "-c", join(folder, "envoy.yaml")], { timeout: PATIENCE });
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** What a client gets that sends this Host; at most 5 s. */
function get(ingress: string, host: string): Promise<{ status: number; body: string }> {
	return new Promise((resolve, reject) => {
		const signal = AbortSignal.timeout(PATIENCE);
		request(ingress, { headers: { host }, agent: false, signal }, (response) => {
			let body = "";
			response.setEncoding("utf8").on("data", (part: string) => {
				body += part;
			});
			response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
		})
			.on("error", reject)
			.end();
	});
}

describeEnvoys("the bootstraps that we ship and print", ({ binary, mode }) => {
	const sotw = mode === "sotw" ? ["--sotw"] : [];

	it("pass Envoy's own validation", async () => {
		for (const name of ["ads-delta.yaml", "ads-sotw.yaml", "eds-only.yaml"]) await validate(binary, shipped(name));
		await validate(binary, await bootstrap("--server", "localhost:1", "--server", "[::1]:2", ...sotw));
		await validate(binary, await bootstrap("--service", "a", "--region", "r", "--zone", "z", "-o", "json", ...sotw));
	});

	it("route by Host, past a replica that is down, and keep the control plane out of reach", async () => {
		await using backend = await startHttpBackend("a");
		await using fingerpost = await Fingerpost.start({ services: { web: { endpoints: [backend.address] } } });
		const [dead, listen, admin] = (await freePorts(3)) as [number, number, number];
		const servers = ["--server", `127.0.0.1:${dead}`, "--server", `127.0.0.1:${fingerpost.xdsPort}`];
		const ports = ["--listen", `127.0.0.1:${listen}`, "--admin-port", String(admin)];
		await using envoy = await Envoy.start(binary, await bootstrap(...servers, ...ports, "--node-id", "n1", ...sotw));
		expect(await get(envoy.ingress, "web")).toEqual({ status: 200, body: "a" });
		expect(await get(envoy.ingress, `web:${listen}`)).toEqual({ status: 200, body: "a" });
		expect((await get(envoy.ingress, "nobody")).status).toBe(503);
		expect((await get(envoy.ingress, "fingerpost-xds")).status).toBe(404);
		expect((await get(envoy.ingress, `Fingerpost-XDS:${listen}`)).status).toBe(404);
		const [client] = await fingerpost.clients();
		expect(client).toMatchObject({ node: "n1", types: { cds: { mode, synced: true }, eds: { mode } } });
		expect(await fingerpost.nacks()).toEqual([]);
	});

	it("send everything to one service if asked to, also of static clusters", async () => {
		await using backend = await startHttpBackend("a");
		await using fingerpost = await Fingerpost.start({ services: { web: { endpoints: [backend.address] } } });
		const [listen, admin] = (await freePorts(2)) as [number, number];
		const where = ["--server", `127.0.0.1:${fingerpost.xdsPort}`, "--listen", `127.0.0.1:${listen}`];
		const more = ["--admin-port", String(admin), "--eds-only", "web", "--service", "web"];
		await using envoy = await Envoy.start(binary, await bootstrap(...where, ...more, ...sotw));
		expect(await get(envoy.ingress, "whoever")).toEqual({ status: 200, body: "a" });
		const [client] = await fingerpost.clients();
		expect(Object.keys(client?.types ?? {})).toEqual(["eds"]);
	});
});
