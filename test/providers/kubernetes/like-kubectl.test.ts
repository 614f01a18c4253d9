import { spawnSync } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeKubeApi } from "../../../lab/fake-kube-api.js";
import { sliceObject } from "../../../lab/slice-object.js";
import { parseTarget } from "../../../src/model/target.js";
import { KubernetesProvider } from "../../../src/providers/kubernetes/kubernetes-provider.js";
import { tempFolder } from "../../util/temp-folder.js";
import { options, QUICK } from "./watching.js";

let api: FakeKubeApi;
let folder: Awaited<ReturnType<typeof tempFolder>>;
const signal = AbortSignal.timeout(60_000);

beforeEach(async () => {
	api = await FakeKubeApi.start();
	api.put(sliceObject("web", { endpoints: ["10.0.0.1"] }));
	folder = await tempFolder();
	for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "KUBECONFIG"]) {
		vi.stubEnv(name, undefined);
	}
});

afterEach(async () => {
	vi.unstubAllEnvs();
	await api[Symbol.asyncDispose]();
	await folder[Symbol.asyncDispose]();
});

interface Parts {
	readonly cluster?: Readonly<Record<string, unknown>>;
	readonly user?: Readonly<Record<string, unknown>>;
	readonly current?: string;
	/** Of cluster, user and context. */
	readonly name?: string;
}

async function kubeconfig(
	file: string,
	{ cluster, user = {}, name = "lab", current = name }: Parts = {},
): Promise<string> {
	const config = {
		"current-context": current,
		clusters: [{ name, cluster: { server: api.url, ...cluster } }],
		users: [{ name, user }],
		contexts: [{ name, context: { cluster: name, user: name } }],
	};
	await writeFile(folder.file(file), JSON.stringify(config));
	return folder.file(file);
}

async function discover(given: Readonly<Record<string, unknown>>): Promise<string[]> {
	const provider = new KubernetesProvider(options({ insecure: true, ...given }), { timing: QUICK });
	const found = await provider.discover(parseTarget("k8s:///shop/web"), { signal });
	return found.map(({ address }) => address);
}

const tokens = () => api.requests.map(({ token }) => token);

/** A plug-in that writes what it is told into `info` beside it. */
async function plugin(file: string, token: string): Promise<void> {
	const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status: { token } };
	await writeFile(
		folder.file(file),
		`#!/bin/sh\nprintf %s "$KUBERNETES_EXEC_INFO" > "$(dirname "$0")/info"\necho '${JSON.stringify(credential)}'\n`,
	);
	await chmod(folder.file(file), 0o755);
}

const EXEC = { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "IfAvailable" };

describe("a plug-in", () => {
	it("whose command is a path lies beside the kubeconfig, not in the working directory", async () => {
		await mkdir(folder.file("bin"));
		await plugin("bin/login", "from-plugin");
		for (const command of ["bin/login", "./bin/login", folder.file("bin/login")]) {
			expect(
				await discover({ kubeconfig: await kubeconfig("config", { user: { exec: { ...EXEC, command } } }) }),
			).toEqual(["10.0.0.1"]);
		}
		expect(new Set(tokens())).toEqual(new Set(["from-plugin"]));
	});

	it("without a slash is searched in PATH, and gets its own environment", async () => {
		await plugin("fingerpost-login", "by-path");
		vi.stubEnv("PATH", `${folder.path}:${process.env.PATH}`);
		const exec = { ...EXEC, command: "fingerpost-login", env: [{ name: "KUBERNETES_EXEC_INFO", value: "mine" }] };
		await discover({ kubeconfig: await kubeconfig("config", { user: { exec } }) });
		expect(tokens()).toEqual(["by-path"]);
		expect(await readFile(folder.file("info"), "utf8")).toBe("mine");
	});

	it.each([false, true])(
		"is told the version, and the cluster where it asks for it: %s",
		async (provideClusterInfo) => {
			await plugin("login", "t");
			const user = { exec: { ...EXEC, command: "./login", provideClusterInfo } };
			await discover({ kubeconfig: await kubeconfig("config", { user, cluster: { "tls-server-name": "kube" } }) });
			expect(JSON.parse(await readFile(folder.file("info"), "utf8"))).toEqual({
				kind: "ExecCredential",
				apiVersion: EXEC.apiVersion,
				spec: {
					interactive: false,
					...(provideClusterInfo
						? { cluster: { server: api.url, "tls-server-name": "kube", "insecure-skip-tls-verify": true } }
						: {}),
				},
			});
		},
	);

	it("that wants a terminal is told of", async () => {
		const exec = { ...EXEC, command: "./login", interactiveMode: "Always" };
		await expect(discover({ kubeconfig: await kubeconfig("config", { user: { exec } }) })).rejects.toThrow(
			'the exec plug-in of the user "lab" asks for a terminal (interactiveMode: Always)',
		);
	});
});

describe("KUBECONFIG with several files", () => {
	it("is one config: of the same name and of current contexts the first counts, what is missing or empty is nothing", async () => {
		await writeFile(folder.file("empty"), "# nothing yet\n");
		const files = [
			folder.file("missing"),
			folder.file("empty"),
			await kubeconfig("a", { name: "one", user: { token: "one-of-a" }, current: "two" }),
			await kubeconfig("b", { name: "two", user: { token: "two-of-b" }, current: "one" }),
			await kubeconfig("c", { name: "two", user: { token: "two-of-c" } }),
		];
		vi.stubEnv("KUBECONFIG", files.join(":"));
		await discover({});
		await discover({ context: "one" });
		expect(tokens()).toEqual(["two-of-b", "one-of-a"]);
	});

	it("of which none exists has no context; a single one that is missing is told", async () => {
		vi.stubEnv("KUBECONFIG", `${folder.file("x")}:${folder.file("y")}`);
		await expect(discover({})).rejects.toThrow("the kubeconfig has no current context; contexts: none");
		vi.stubEnv("KUBECONFIG", folder.file("x"));
		await expect(discover({})).rejects.toThrow(`the kubeconfig ${folder.file("x")} cannot be read: ENOENT`);
	});

	it("may have a token's file beside each", async () => {
		await mkdir(folder.file("team"));
		await writeFile(folder.file("team/token"), "from-file\n");
		await kubeconfig("team/config", { user: { token: "ignored", tokenFile: "token" } });
		vi.stubEnv("KUBECONFIG", `${folder.file("missing")}:${folder.file("team/config")}`);
		await discover({});
		expect(tokens()).toEqual(["from-file"]);
	});
});

describe("an API server over plain HTTP", () => {
	it.each([
		["a token", { token: "secret" }],
		["a name and password", { username: "a", password: "b" }],
		["a plug-in", { exec: { ...EXEC, command: "/none/login" } }],
	])("gets no %s of a kubeconfig, unless that is wanted", async (_, user) => {
		const file = await kubeconfig("config", { user });
		expect(await discover({ kubeconfig: file, insecure: false })).toEqual(["10.0.0.1"]);
		expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
	});

	it("gets no token of the settings either; a 401 says why", async () => {
		api.token = "secret";
		const given = { server: api.url, token: "secret" };
		await expect(discover({ ...given, insecure: false })).rejects.toThrow(
			/does not accept the credentials.*; no credentials are sent over http:\/\/: use https:\/\/, or insecure: true/,
		);
		expect(tokens()).toEqual([undefined]);
		expect(await discover(given)).toEqual(["10.0.0.1"]);
	});
});

describe("a proxy", () => {
	let proxy: Server;
	let seen: string[];

	beforeEach(async () => {
		seen = [];
		proxy = createServer();
		proxy.on("connect", (request, socket) => {
			seen.push(`${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
			const [, port] = /:(\d+)$/.exec(request.url ?? "") ?? [];
			const there = connect(Number(port), "127.0.0.1", () => {
				socket.write("HTTP/1.1 200 OK\r\n\r\n");
				there.pipe(socket).pipe(there);
			});
			there.on("error", () => socket.destroy());
			socket.on("error", () => there.destroy());
		});
		await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
	});

	afterEach(() => {
		proxy.close();
		proxy.closeAllConnections();
	});

	const at = (user = "") => `http://${user}127.0.0.1:${(proxy.address() as AddressInfo).port}`;

	it("of the environment leads to the API server; the kubeconfig's own wins, NO_PROXY leaves it out", async () => {
		const { port } = new URL(api.url);
		const server = `http://kube.invalid:${port}`;
		vi.stubEnv("HTTP_PROXY", at("me:secret@"));
		expect(await discover({ server })).toEqual(["10.0.0.1"]);
		expect(seen).toEqual([`kube.invalid:${port} Basic ${Buffer.from("me:secret").toString("base64")}`]);
		const cluster = { server, "proxy-url": at() };
		expect(await discover({ kubeconfig: await kubeconfig("config", { cluster }) })).toEqual(["10.0.0.1"]);
		expect(seen[1]).toBe(`kube.invalid:${port} -`);
		vi.stubEnv("NO_PROXY", ".invalid");
		await expect(discover({ server })).rejects.toThrow("kube.invalid");
		expect(seen).toHaveLength(2);
	});
});

describe("TLS", () => {
	/** A certificate of its own for `kube.lab`, in front of the API server. */
	async function secured() {
		const made = spawnSync("openssl", [
			...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
			...["-subj", "/CN=kube.lab", "-addext", "subjectAltName=DNS:kube.lab"],
			...["-keyout", folder.file("key.pem"), "-out", folder.file("ca.pem")],
		]);
		expect(made.status, String(made.stderr)).toBe(0);
		const [key, cert] = await Promise.all([readFile(folder.file("key.pem")), readFile(folder.file("ca.pem"))]);
		const seen: (string | undefined)[] = [];
		const { port } = new URL(api.url);
		const server = createTlsServer({ key, cert }, (request, response) => {
			seen.push(request.headers.authorization);
			void fetch(`http://127.0.0.1:${port}${request.url}`).then(async (answer) =>
				response.writeHead(answer.status).end(await answer.text()),
			);
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
		return { url, cert, seen, [Symbol.dispose]: () => server.close() };
	}

	it("is checked by the authority beside the kubeconfig, by the name that it gives, or not at all where it says so", async () => {
		using kube = await secured();
		const user = { token: "secret" };
		const asked = async (cluster: Readonly<Record<string, unknown>>) =>
			discover({
				insecure: false,
				kubeconfig: await kubeconfig("config", { user, cluster: { server: kube.url, ...cluster } }),
			});
		const named = { "tls-server-name": "kube.lab" };
		expect(await asked({ ...named, "certificate-authority": "ca.pem" })).toEqual(["10.0.0.1"]);
		const data = kube.cert.toString("base64");
		const both = { ...named, "certificate-authority": "missing.pem", "certificate-authority-data": data };
		expect(await asked(both)).toEqual(["10.0.0.1"]);
		expect(await asked({ "insecure-skip-tls-verify": true })).toEqual(["10.0.0.1"]);
		expect(kube.seen).toEqual(["Bearer secret", "Bearer secret", "Bearer secret"]);
		await expect(asked({ "certificate-authority": "ca.pem" })).rejects.toThrow("cannot list");
		await expect(asked(named)).rejects.toThrow("self-signed certificate");
		expect(kube.seen).toHaveLength(3);
	});
});

describe("without a home folder", () => {
	it("the pod's service account is used; only a path that begins with ~ needs one", async () => {
		vi.resetModules();
		vi.doMock("node:os", async (original) => ({
			...(await original<typeof import("node:os")>()),
			homedir: () => {
				throw new Error("uv_os_homedir returned ENOENT");
			},
		}));
		vi.stubEnv("KUBERNETES_SERVICE_HOST", "10.96.0.1");
		vi.stubEnv("KUBERNETES_SERVICE_PORT", "443");
		try {
			const { loadKubeConfig } = await import("../../../src/providers/kubernetes/access/load-kube-config.js");
			expect((await loadKubeConfig(options())).getCurrentCluster()?.server).toBe("https://10.96.0.1:443");
			await expect(loadKubeConfig(options({ kubeconfig: "~/.kube/config" }))).rejects.toThrow(
				"~/.kube/config: the home folder is not known, as HOME is not set",
			);
		} finally {
			vi.doUnmock("node:os");
			vi.resetModules();
		}
	});
});
