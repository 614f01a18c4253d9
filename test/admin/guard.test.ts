import { stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CertificateLab } from "../../lab/certificate-lab.js";
import { waitUntil } from "../../lab/wait-until.js";
import { isOwnHost } from "../../src/admin/guard/host-check.js";
import { AdminClient } from "../../src/cli/admin/admin-client.js";
import type { ListenAddress } from "../../src/model/listen/listen-address.js";
import { tempFolder } from "../util/temp-folder.js";
import { guardedServer } from "./guarded-server.js";

const REFRESH = "/api/v1/targets/refresh?target=static://10.0.0.1:80";

interface Ask {
	readonly method?: string;
	readonly headers?: Record<string, string>;
}

function ask(
	{ host, port, path: socketPath }: ListenAddress,
	path: string,
	{ method = "GET", headers = {} }: Ask = {},
) {
	return new Promise<number>((resolve, reject) => {
		const where = socketPath === undefined ? { host: host === "0.0.0.0" ? "127.0.0.1" : host, port } : { socketPath };
		request({ ...where, path, method, headers, agent: false }, (response) => {
			response.resume();
			resolve(response.statusCode ?? 0);
		})
			.on("error", reject)
			.end();
	});
}

function bearer(token: string): Ask {
	return { headers: { authorization: `Bearer ${token}` } };
}

it("a viewer's token reads, an operator's changes something, and each change is a line of the log", async () => {
	await using files = await tempFolder();
	const [viewer, operator] = [join(files.path, "viewer"), join(files.path, "operator")];
	await writeFile(viewer, "v1\nv2\n");
	await writeFile(operator, "op\n");
	await using server = await guardedServer({ listen: "127.0.0.1:0", tokens: { viewer, operator } });
	const status = (path: string, how?: Ask) => ask(server.address, path, how);
	expect(await status("/healthz")).toBe(200);
	expect(await status("/api/v1/services")).toBe(401);
	expect(await status("/metrics", bearer("v"))).toBe(401);
	expect(await status("/metrics", bearer("v11"))).toBe(401);
	for (const token of ["v1", "v2", "op"]) expect(await status("/api/v1/services", bearer(token))).toBe(200);
	expect(await status(REFRESH, { method: "POST" })).toBe(401);
	expect(await status(REFRESH, { method: "POST", ...bearer("v1") })).toBe(403);
	expect(await status(REFRESH, { method: "POST", ...bearer("op") })).toBe(202);
	const audit = () => server.lines.filter(({ msg }) => msg === "admin change");
	await waitUntil("all are logged", () => audit().length === 3);
	expect(audit().map(({ who, method, status }) => [who, method, status])).toEqual([
		[undefined, "POST", 401],
		["viewer", "POST", 403],
		["operator", "POST", 202],
	]);
	expect(audit()[0]?.address).toMatch(/^127\.0\.0\.1:\d+$/);
	// The files are followed, and one that holds nothing takes nobody's right away.
	await writeFile(viewer, "v3\n");
	await waitUntil("the new token counts", async () => (await status("/metrics", bearer("v3"))) === 200);
	expect(await status("/metrics", bearer("v1"))).toBe(401);
	await writeFile(operator, "\n");
	await waitUntil("it is told", () => server.lines.some(({ msg }) => String(msg).startsWith("a file of admin tokens")));
	expect(await status("/metrics", bearer("op"))).toBe(200);
});

it("a viewer's token asks who has converged and for checksums; to approve is an operator's", async () => {
	await using files = await tempFolder();
	const [viewer, operator] = [join(files.path, "viewer"), join(files.path, "operator")];
	await writeFile(viewer, "v\n");
	await writeFile(operator, "op\n");
	await using server = await guardedServer({ listen: "127.0.0.1:0", tokens: { viewer, operator } });
	for (const path of ["/api/v1/checksum", "/api/v1/converged?service=web&address=10.0.0.1:80"]) {
		expect([path, await ask(server.address, path)]).toEqual([path, 401]);
		expect([path, await ask(server.address, path, bearer("v"))]).toEqual([path, 200]);
	}
	const approve = (how: Ask) => ask(server.address, "/api/v1/services/web/approve", { method: "POST", ...how });
	expect(await approve({})).toBe(401);
	expect(await approve(bearer("v"))).toBe(403);
	expect(await approve(bearer("op"))).toBe(200);
	const audit = () => server.lines.filter(({ msg }) => msg === "admin change");
	await waitUntil("all are logged", () => audit().length === 3);
	expect(audit().map(({ who, path, status }) => [who, path, status])).toEqual([
		[undefined, "/api/v1/services/web/approve", 401],
		["viewer", "/api/v1/services/web/approve", 403],
		["operator", "/api/v1/services/web/approve", 200],
	]);
});

it("without an operator's token nobody changes anything", async () => {
	await using files = await tempFolder();
	const viewer = join(files.path, "viewer");
	await writeFile(viewer, "v");
	await using server = await guardedServer({ listen: "127.0.0.1:0", tokens: { viewer } });
	expect(await ask(server.address, REFRESH, { method: "POST", ...bearer("v") })).toBe(403);
});

it("off loopback only names that it is known by are served", async () => {
	await using server = await guardedServer({ listen: "0.0.0.0:0", insecure: true, hosts: ["fingerpost.ops.svc"] });
	const status = (host: string) => ask(server.address, "/healthz", { headers: { host } });
	expect(await status("evil.test")).toBe(403);
	for (const host of ["fingerpost.ops.svc:18001", "FINGERPOST.ops.svc", "localhost", "10.0.0.1:18001"])
		expect([host, await status(host)]).toEqual([host, 200]);
});

it("a name with a star is that of one label", () => {
	expect(isOwnHost("a.test:1", ["*.test"])).toBe(true);
	for (const host of ["test", "a.b.test", ".test", "atest"])
		expect([host, isOwnHost(host, ["*.test"])]).toEqual([host, false]);
});

it("a Unix socket has its mode, takes the place of one that was left, and goes with the server", async () => {
	await using files = await tempFolder();
	const path = join(files.path, "admin.sock");
	{
		await using server = await guardedServer({ listen: `unix:${path}`, socketMode: "600" });
		expect((await stat(path)).mode & 0o777).toBe(0o600);
		expect(await ask(server.address, "/healthz", { headers: { host: "whatever" } })).toBe(200);
		await expect(guardedServer({ listen: `unix:${path}` })).rejects.toThrow(/in use/);
	}
	await expect(stat(path)).rejects.toThrow();
});

it("one of the addresses of a name is asked by TLS for the certificate of that name", async () => {
	await using pki = await CertificateLab.create();
	const tls = { cert: pki.path("server.crt"), key: pki.path("server.key") };
	await using server = await guardedServer({ listen: "127.0.0.1:0", tls });
	const get = (servername: string) => {
		const admin = { ...server.address, tls: true, servername };
		return new AdminClient({ admin, ca: pki.path("ca.crt") }).ask("/healthz");
	};
	expect((await get("localhost")).status).toBe(200);
	await expect(get("fingerpost.other.test")).rejects.toThrow("fingerpost.other.test");
});
