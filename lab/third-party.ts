import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname, "..");

/** What the lock file says of a package. */
interface Locked {
	readonly version: string;
	readonly license?: string;
	readonly dev?: boolean;
	readonly optional?: boolean;
}

export interface ThirdParty {
	readonly name: string;
	readonly version: string;
	readonly license: string;
	/** Left out by `npm ci --omit=optional`. */
	readonly isOptional: boolean;
}

/** Every package that an installed Fingerpost brings, by name and version; those for development are none of them. */
export function thirdParties(): readonly ThirdParty[] {
	const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
		packages: Readonly<Record<string, Locked>>;
	};
	const rows = Object.entries(lock.packages)
		.filter(([path, { dev }]) => path !== "" && !dev)
		.map(([path, { version, license, optional }]) => ({
			name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
			version,
			license: license ?? "none given",
			isOptional: optional ?? false,
		}));
	const byKey = new Map(rows.map((row) => [`${row.name} ${row.version}`, row]));
	return [...byKey.keys()].sort().map((key) => byKey.get(key) as ThirdParty);
}

/** THIRD-PARTY.md as it should be. */
export function thirdPartyPage(): string {
	const all = thirdParties();
	const lines = all.map(
		({ name, version, license, isOptional }) => `| ${name} | ${version} | ${license} | ${isOptional ? "yes" : ""} |`,
	);
	return `# Third-party software

What an installed Fingerpost brings along: ${all.length} npm packages, of which ${all.filter((each) => each.isOptional).length} come with the Kubernetes client and are left
out by \`--omit=optional\`. Each has its licence in its folder of \`node_modules\`. Made by \`npm run third-party\` from the lock file.

\`dist\` also holds code that was generated from protos of the Envoy API, xDS, googleapis and protoc-gen-validate, all under
the Apache License 2.0; [where they are from](protos/UPSTREAM.md).

| package | version | licence | optional |
| --- | --- | --- | --- |
${lines.join("\n")}
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	writeFileSync(join(ROOT, "THIRD-PARTY.md"), thirdPartyPage());
}
