import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { startHttpBackend } from "../../lab/backends.js";
import { CertificateLab } from "../../lab/certificate-lab.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { TokenLab } from "../../lab/token-lab.js";
import { waitUntil } from "../../lab/wait-until.js";
import { runProgram } from "../cli/run-program.js";

/** Not by fetch(), which sends the host of the URL. @returns what the back end says, or the status. */
function answer(envoy: Envoy, host: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const asked = request(envoy.ingress, { headers: { host }, agent: false }, (response) => {
			let text = "";
			response.setEncoding("utf8");
			response.on("data", (part: string) => {
				text += part;
			});
			response.once("end", () => resolve(response.statusCode === 200 ? text : String(response.statusCode)));
		});
		asked.once("error", reject);
		asked.end();
	});
}

describeEnvoys("an Envoy that sees what a rule says", ({ binary, mode }) => {
	it.each(["certificate", "token"])(
		"by its %s reaches that and nothing else, while rules change under it",
		async (by) => {
			await using pki = await CertificateLab.create();
			await using issuer = await TokenLab.create();
			await using first = await startHttpBackend("a");
			await using second = await startHttpBackend("b");
			const files = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
			const services = { "shop-web": { endpoints: [first.address] }, bank: { endpoints: [second.address] } };
			const identity = by === "token" ? "token:shop:*" : "spiffe://lab.test/ns/shop/*";
			const rules = (patterns: readonly string[]) => ({
				xds: { tls: files, tokens: issuer.settings, access: [{ identity, services: patterns }] },
				removalGrace: "1h",
				services,
			});
			await using fingerpost = await Fingerpost.start(rules(["shop-*"]));
			const out = join(pki.folder, "envoy");
			const token = await issuer.put("token", await issuer.token("shop:web"));
			const own = ["--cert", pki.path("client.crt"), "--key", pki.path("client.key")];
			await runProgram([
				...["bootstrap", "envoy", "--server", `127.0.0.1:${fingerpost.xdsPort}`, "--tls", "--ca", pki.path("ca.crt")],
				...["--out", out, ...(by === "token" ? ["--token-file", token] : own), ...(mode === "sotw" ? ["--sotw"] : [])],
			]);
			const text = await readFile(join(out, "envoy.yaml"), "utf8");
			await using envoy = await Envoy.start(
				binary,
				parse(text.replaceAll(/port_value: (10000|19000)/g, "port_value: 0")),
			);
			await waitUntil("the request gets through", async () => (await answer(envoy, "shop-web")) === "a");
			expect(await envoy.get("/clusters")).not.toContain("bank");
			await fingerpost.writeConfig(JSON.stringify(rules(["*"])));
			await waitUntil("the other one is there", async () => (await answer(envoy, "bank")) === "b");
			await fingerpost.writeConfig(JSON.stringify(rules(["bank"])));
			await waitUntil("the first one is gone", async () => (await answer(envoy, "shop-web")) === "503");
			await waitUntil("its cluster, too", async () => !(await envoy.get("/clusters")).includes("shop-web"));
			expect(await answer(envoy, "bank")).toBe("b");
			expect(await fingerpost.nacks()).toEqual([]);
		},
	);
});
