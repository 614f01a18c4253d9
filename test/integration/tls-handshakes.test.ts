import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CertificateLab } from "../../lab/certificate-lab.js";
import { PATIENCE } from "../../lab/patience.js";
import { ControlPlane } from "../../src/app/control-plane.js";

/** What `openssl s_client` says of a handshake. */
async function handshake(port: number, args: readonly string[], input = ""): Promise<string> {
	const connect = ["s_client", "-connect", `127.0.0.1:${port}`, "-alpn", "h2,http/1.1", ...args];
	const child = spawn("openssl", connect, { stdio: "pipe", timeout: PATIENCE });
	let said = "";
	for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
	// It may have ended before it reads.
	child.stdin.on("error", () => {});
	child.stdin.end(input);
	await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
	return said;
}

/** The version and cipher that were agreed upon; undefined if none was. */
function agreed(said: string): string | undefined {
	const [, version, cipher] = /New, (TLSv1\.\d), Cipher is (\S+)/.exec(said) ?? [];
	return version && `${version} ${cipher}`;
}

describe("handshakes, as openssl s_client sees them", () => {
	let pki: CertificateLab;
	let controlPlane: ControlPlane;
	let port = 0;
	let admin = 0;
	beforeAll(async () => {
		pki = await CertificateLab.create();
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key") };
		const listen = "127.0.0.1:0";
		controlPlane = new ControlPlane({ xds: { listen, tls }, admin: { listen, tls }, services: {} });
		const bound = await controlPlane.start();
		[port, admin] = [bound.xds.port, bound.admin.port];
	});
	afterAll(async () => {
		await controlPlane?.stop();
		await pki?.[Symbol.asyncDispose]();
	});

	const ANY_CIPHER = ["-cipher", "ALL:@SECLEVEL=0"];

	it("TLS 1.3 where the client knows it, with ciphers of 128 bits or more", async () => {
		for (const each of [port, admin]) {
			const said = await handshake(each, ["-CAfile", pki.path("ca.crt"), "-verify_return_error"]);
			expect(agreed(said)).toMatch(/^TLSv1\.3 TLS_(AES_(128|256)_GCM|CHACHA20_POLY1305)_SHA(256|384)$/);
			expect(said).toContain("Verify return code: 0 (ok)");
		}
	});

	it("TLS 1.2 with forward secrecy and an authenticated cipher, whatever the client would take", async () => {
		for (const each of [port, admin]) {
			const said = await handshake(each, ["-tls1_2", ...ANY_CIPHER]);
			expect(agreed(said)).toMatch(/^TLSv1\.2 ECDHE-ECDSA-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)$/);
			expect(said).toMatch(/Compression: NONE/);
		}
	});

	it.each(["-tls1_1", "-tls1"])("nothing older: %s", async (version) => {
		for (const each of [port, admin]) expect(agreed(await handshake(each, [version, ...ANY_CIPHER]))).toBeUndefined();
	});

	it.each([
		["without encryption", "eNULL"],
		["without authentication", "aNULL"],
		["of export strength or DES", "EXPORT:DES:3DES"],
		["RC4", "RC4"],
		["without forward secrecy", "kRSA"],
		["keyed by CBC and SHA-1", "ECDHE-ECDSA-AES128-SHA"],
	])("no cipher %s for HTTP/2", async (_, cipher) => {
		const said = await handshake(port, ["-tls1_2", "-cipher", `${cipher}:@SECLEVEL=0`]);
		expect(agreed(said)).toBeUndefined();
	});

	it("no renegotiation that a client asks for", async () => {
		const said = await handshake(port, ["-tls1_2", "-legacy_renegotiation"], "R\n");
		expect(agreed(said)).toMatch(/^TLSv1\.2/);
		expect(said).toMatch(/RENEGOTIATING/);
		// The server answers with an alert or ends the connection; no second handshake is completed.
		expect(said).toMatch(/no renegotiation|handshake failure|unexpected|read:errno|error:/i);
	});
});
