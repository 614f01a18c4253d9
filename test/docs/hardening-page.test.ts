import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { parseConfig } from "../../src/config/load.js";
import { Registry } from "../../src/providers/registry.js";

const options = { registry: new Registry(), env: {} };
const page = readFileSync("docs/hardening.md", "utf8");

describe("the hardening page", () => {
	it.each([...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = ""]) => text))(
		"has a config that is valid, with mutual TLS: case %#",
		(text) => {
			const { xds } = parseConfig(text, "fingerpost.yaml", options);
			expect(xds.tls).toMatchObject({ cert: expect.any(String), clientCa: expect.any(String) });
		},
	);

	it("has a compose file that mounts what its config reads, without rights", () => {
		const { services } = parse(readFileSync("deploy/compose/hardened.yaml", "utf8"));
		const config = parseConfig(
			readFileSync("deploy/compose/config/fingerpost.yaml", "utf8"),
			"fingerpost.yaml",
			options,
		);
		const { volumes, ...rest } = services.fingerpost;
		const mounted = (volumes as string[]).map((each) => each.split(":")[1] as string);
		for (const path of [config.xds.tls?.cert, config.xds.tls?.clientCa, config.state?.directory])
			expect(mounted.some((folder) => path?.startsWith(folder))).toBe(true);
		expect(rest).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
	});

	it("has certificates whose secrets and issuers are there", () => {
		const text = readFileSync("deploy/kubernetes/options/cert-manager.yaml", "utf8");
		const objects = parseAllDocuments(text).map((each) => each.toJS());
		const issuers = objects.filter(({ kind }) => kind === "ClusterIssuer").map(({ metadata }) => metadata.name);
		const certificates = objects.filter(({ kind }) => kind === "Certificate");
		for (const { spec } of certificates) expect(issuers).toContain(spec.issuerRef.name);
		const [ca] = objects.filter(({ spec }) => spec.ca);
		expect(certificates.map(({ spec }) => spec.secretName)).toContain(ca.spec.ca.secretName);
		expect(page).toContain("fingerpost-tls");
	});
});
