import { expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.js";
import { Registry } from "../../src/providers/registry.js";

const registry = new Registry();

function problemOf(text: string): string {
	try {
		parseConfig(text, "f.yaml", { registry });
	} catch (error) {
		return (error as Error).message;
	}
	return "";
}

it("reads tls of a service and of a whole registry", () => {
	const tls = "{sni: a.test, ca: /etc/mesh.pem, clientCertificate: default}";
	const read = parseConfig(
		`discover: [{target: "k8s:///shop/*", tls: ${tls}}]\nservices: {web: {target: "a.test:443", tls: ${tls}}, plain: "b:1"}`,
		"f.yaml",
		{ registry },
	);
	const expected = { ca: "/etc/mesh.pem", sni: "a.test", clientCertificate: { name: "default" } };
	expect(read.services.get("web")?.tls).toEqual(expected);
	expect(read.services.get("plain")?.tls).toBeUndefined();
	expect(read.discover?.[0]?.settings.tls).toEqual(expected);
});

it.each([
	['web: {target: "a:1", tls: {}}', /services\.web: tls needs a name that the endpoints' certificates must have/],
	['web: {target: "a:1", tls: {ca: mesh.pem, sni: a}}', /services\.web\.tls\.ca: expected system, or the full path/],
	[
		'web: {target: "a:1", tls: {subjectAltNames: []}}',
		/services\.web\.tls\.subjectAltNames: expected at least one name/,
	],
	['web: {target: "a:1", tls: {sni: a, san: b}}', /unknown key "san"/],
	[
		'web: {target: "https://a", tls: {clientCertificate: {name: x, file: /x, cluster: y}}}',
		/cluster and file exclude each other/,
	],
	['web: {target: "https://a", tls: {clientCertificate: {name: x, file: x}}}', /expected the full path of a file/],
	['web: {targets: ["https://a", "b:1"]}', /https:\/\/a is by TLS, and b:1 does not say so/],
])("%s is refused with its place", (service, problem) => {
	expect(problemOf(`services:\n  ${service}`)).toMatch(problem);
});

it("wants a name of a whole registry, too", () => {
	expect(problemOf('discover: [{target: "k8s:///shop/*", tls: {}}]\nservices: {}')).toMatch(
		/discover\[0\]\.tls: tls needs a name/,
	);
});
