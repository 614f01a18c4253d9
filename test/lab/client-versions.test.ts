import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ENVOY_VERSIONS } from "../../lab/envoy-binary.js";

function read(path: string): string {
	return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

function versionIn(path: string, pattern: RegExp): string {
	const version = pattern.exec(read(path))?.[1];
	if (version === undefined) throw new Error(`${path} names no version: ${pattern}`);
	return version;
}

it.each([
	["Envoy", ENVOY_VERSIONS.join(", ")],
	["grpc-js", versionIn("node_modules/@grpc/grpc-js/package.json", /"version": "(.+)"/)],
	["grpc-js", `grpc-js-xds ${versionIn("node_modules/@grpc/grpc-js-xds/package.json", /"version": "(.+)"/)}`],
	["grpc-go", versionIn("lab/clients/go/go.mod", /google\.golang\.org\/grpc v(\S+)/)],
	["grpcio", versionIn("lab/clients/python/requirements.txt", /^grpcio==(.+)$/m)],
	["Istio's adsc", versionIn("lab/clients/adsc/go.mod", /istio\.io\/istio (v\S+)/)],
	["junction-core", versionIn("lab/clients/junction-core/Cargo.toml", /junction-core = "=(.+)"/)],
	["grpc-java", versionIn("lab/clients/java/pom.xml", /grpc-xds<\/artifactId>\s*<version>(.+)</)],
])("docs/clients.md names the version of %s that the tests run against: %s", (client, version) => {
	const row = read("docs/clients.md")
		.split("\n")
		.find((line) => new RegExp(`^\\| ${client} +\\|`).test(line));
	expect(row).toContain(version);
});
