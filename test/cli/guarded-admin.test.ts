import { expect, it } from "vitest";
import { CertificateLab } from "../../lab/certificate-lab.js";
import { guardedServer } from "../admin/guarded-server.js";
import { tempFolder } from "../util/temp-folder.js";
import { runProgram } from "./run-program.js";

it("commands ask by a Unix socket", async () => {
	await using files = await tempFolder();
	const listen = `unix:${files.file("admin.sock")}`;
	await using _ = await guardedServer({ listen });
	const { code, stdout } = await runProgram(["services", "--admin", listen, "-o", "name"]);
	expect([code, stdout]).toEqual([0, "web\n"]);
});

it("commands ask by TLS, with a token and a client certificate", async () => {
	await using pki = await CertificateLab.create();
	await pki.put("token", "op\n");
	const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
	await using server = await guardedServer({ listen: "127.0.0.1:0", tls, tokens: { operator: pki.path("token") } });
	const admin = ["--admin", `https://127.0.0.1:${server.address.port}`];
	const certificate = ["--cert", pki.path("client.crt"), "--key", pki.path("client.key")];
	const token = ["--token-file", pki.path("token")];
	const ca = ["--ca", pki.path("ca.crt")];
	const run = (...args: string[]) => runProgram(["refresh", "static://10.0.0.1:80", ...admin, ...args]);
	expect((await run(...ca, ...token, ...certificate)).code).toBe(0);
	expect((await run(...token, ...certificate)).stderr).toContain("--ca FILE says which");
	expect((await run(...ca, ...certificate)).stderr).toContain("a token is needed");
	expect((await run(...ca, ...token)).code).toBe(1);
	expect(server.lines.find(({ msg }) => msg === "admin change")).toMatchObject({ who: "operator, CN=client" });
	for (const command of [
		["approve", "web"],
		["wait", "--service", "web", "--address", "10.0.0.1:80"],
		["checksum", ...admin],
	]) {
		const named = [...command, ...admin, ...ca, ...token];
		expect(await runProgram([...named, ...certificate])).toMatchObject({ code: 0, stderr: "" });
		expect((await runProgram(named)).code).toBe(1);
	}
});
