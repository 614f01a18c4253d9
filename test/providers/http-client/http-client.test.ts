import { copyFile, readFile, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CertificateAuthority } from "../../../lab/certificates.js";
import { FakeListServer } from "../../../lab/fake-list-server.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { knowsProxies } from "../../../src/providers/http-client/agents.js";
import { HttpClient, type HttpClientOptions } from "../../../src/providers/http-client/http-client.js";
import { readBody } from "../../../src/providers/http-client/read-body.js";
import { tempFolder } from "../../util/temp-folder.js";

const { signal } = new AbortController();

function client(options: Partial<HttpClientOptions> = {}): HttpClient {
	return new HttpClient({
		provider: "sd",
		tokenHeaders: (token) => ({ authorization: `Bearer ${token}` }),
		...options,
	});
}

async function text(from: HttpClient, url: string): Promise<string> {
	return readBody(await from.open({ url: new URL(url), signal }), 1_000);
}

afterEach(() => {
	vi.unstubAllEnvs();
});

describe("a client of a source over HTTP", () => {
	it("keeps a connection while it is held, and begins a new one where that was closed meanwhile", async () => {
		await using server = await FakeListServer.start();
		server.set("/", "[]");
		const it = client();
		const letGo = it.hold();
		const url = `http://127.0.0.1:${server.port}/`;
		for (let i = 0; i < 3; i++) await text(it, url);
		expect(await server.connections).toBe(1);
		server.breakAll();
		expect(await text(it, url)).toBe("[]");
		letGo();
		letGo();
		await waitUntil("it is closed", async () => (await server.connections) === 0);
		expect(await text(it, url)).toBe("[]");
	});

	it("follows its certificates, and what is under way goes on with the ones before", async () => {
		await using folder = await tempFolder();
		const authority = await CertificateAuthority.make(folder.path);
		const other = await CertificateAuthority.make(folder.path, "other");
		const tls = await authority.issue("server");
		const own = await authority.issue("client");
		const strange = await other.issue("strange");
		const [cert, key, ca] = await Promise.all([tls.cert, tls.key, authority.ca].map((path) => readFile(path)));
		await using server = await FakeListServer.start((listener) =>
			createServer(
				{ ...(cert && { cert }), ...(key && { key }), ...(ca && { ca }), requestCert: true, rejectUnauthorized: true },
				listener,
			),
		);
		server.set("/", "[]");
		const files = { ca: folder.file("used-ca"), cert: folder.file("used-cert"), key: folder.file("used-key") };
		const url = `https://127.0.0.1:${server.port}/`;
		const it = client(files);
		const letGo = it.hold();
		await expect(text(it, url)).rejects.toThrow(/used-(ca|cert|key) does not exist/);
		await writeFile(files.ca, "no certificate");
		await copyFile(strange.cert, files.cert);
		await copyFile(strange.key, files.key);
		await expect(text(it, url)).rejects.toThrow(`TLS cannot begin with ca ${files.ca}, cert ${files.cert}`);
		await copyFile(other.ca, files.ca);
		// A look at a file serves a second.
		const until = (problem: RegExp | undefined) =>
			waitUntil(`it ends with ${problem}`, async () => {
				const said = await text(it, url).catch((error: Error) => error.message);
				if (problem ? problem.test(said) : said === "[]") return true;
				throw new Error(said);
			});
		await until(/its certificate is not accepted: .*; is ca the right one\?/);
		await copyFile(authority.ca, files.ca);
		await until(/alert|broke off|ECONNRESET|reset/i);
		await copyFile(own.key, files.key);
		await copyFile(own.cert, files.cert);
		await until(undefined);
		// A stream that is open stays when the files change.
		server.react = () => ({ events: "data: 1\n\n" });
		const stream = await it.open({ url: new URL(url), signal });
		server.react = () => undefined;
		await copyFile(strange.cert, files.cert);
		await copyFile(strange.key, files.key);
		await until(/alert|broke off|ECONNRESET|reset/i);
		server.send("data: 2\n\n");
		const pieces: string[] = [];
		for await (const piece of stream.setEncoding("utf8") as AsyncIterable<string>) {
			pieces.push(piece);
			if (pieces.join("").includes("2")) break;
		}
		expect(pieces.join("")).toBe("data: 1\n\ndata: 2\n\n");
		letGo();
	});

	it.each(["http", "https"] as const)("goes through the proxy that the environment names, to %s", async (scheme) => {
		await using folder = await tempFolder();
		const authority = await CertificateAuthority.make(folder.path);
		const tls = await authority.issue("server");
		const [cert, key] = await Promise.all([readFile(tls.cert), readFile(tls.key)]);
		await using server = await FakeListServer.start(
			scheme === "https" ? (listener) => createServer({ cert, key }, listener) : undefined,
		);
		const seen: string[] = [];
		const proxy = createHttpServer((request, response) => {
			seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"]}`);
			response.end("[]");
		});
		proxy.on("connect", (request, near) => {
			seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"]}`);
			const far = connect(server.port, "127.0.0.1", () => {
				near.write("HTTP/1.1 200 OK\r\n\r\n");
				near.pipe(far).pipe(near);
			});
			near.on("error", () => far.destroy());
			far.on("error", () => near.destroy());
		});
		await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
		server.set("/", "[]");
		vi.stubEnv(`${scheme.toUpperCase()}_PROXY`, `http://me:secret@127.0.0.1:${(proxy.address() as AddressInfo).port}`);
		const it = client({ ca: authority.ca });
		const letGo = it.hold();
		// A name that only the proxy resolves; the certificate is for localhost.
		const url = `${scheme}://inventory.test:81/`;
		const answer = text(it, url).catch((error: Error) => error.message);
		const credentials = `Basic ${Buffer.from("me:secret").toString("base64")}`;
		if (scheme === "http") {
			expect(await answer).toBe("[]");
			expect(seen).toEqual([`GET ${url} ${credentials}`]);
		} else {
			expect(await answer).toContain("inventory.test");
			expect(seen).toEqual([`CONNECT inventory.test:81 ${credentials}`]);
		}
		vi.stubEnv("NO_PROXY", "*.test");
		await expect(text(it, url)).rejects.toThrow(/ENOTFOUND|EAI_AGAIN|getaddrinfo/);
		expect(seen).toHaveLength(1);
		letGo();
		proxy.closeAllConnections();
		await new Promise((resolve) => proxy.close(resolve));
	});

	it("says what is wrong with a proxy", async () => {
		vi.stubEnv("HTTP_PROXY", "socks5://127.0.0.1:1080");
		await expect(text(client(), "http://inventory.test/")).rejects.toThrow("names a SOCKS proxy for inventory.test");
		vi.stubEnv("HTTP_PROXY", "http://");
		await expect(text(client(), "http://inventory.test/")).rejects.toThrow("HTTP_PROXY holds no URL of a proxy");
		const versions = ["22.19.0", "22.21.0", "23.11.0", "24.4.1", "24.5.0", "26.1.0"];
		expect(versions.filter(knowsProxies)).toEqual(["22.21.0", "24.5.0", "26.1.0"]);
	});

	it("ends with its signal, also while an answer is read", async () => {
		await using server = await FakeListServer.start();
		const reason = new Error("enough");
		await expect(
			client().open({ url: new URL("http://127.0.0.1:1/"), signal: AbortSignal.abort(reason) }),
		).rejects.toBe(reason);
		server.react = () => ({ body: "[", after: "stay" });
		const controller = new AbortController();
		const url = new URL(`http://127.0.0.1:${server.port}/`);
		const response = await client().open({ url, signal: controller.signal });
		const reading = expect(readBody(response, 10)).rejects.toThrow("broke off");
		controller.abort();
		await reading;
		await waitUntil("it is closed", async () => (await server.connections) === 0);
	});
});
