// `npm run zones` prints the table of docs/zones.md: where requests went, by kind of client, endpoints and clients.
import { ENVOY_VERSIONS, findEnvoy } from "../envoy-binary.js";
import { findClient, LANGUAGES } from "../grpc-clients.js";
import { type Layout, ZONES, ZoneLab } from "./zone-lab.js";
import { envoyClient, grpcClient, type StartClient } from "./zoned-client.js";

const LAYOUTS: Readonly<Record<string, Layout>> = {
	"30-3-3": [30, 3, 3],
	"10-10-10": [10, 10, 10],
	"1-1-1": [1, 1, 1],
	"10-10-0": [10, 10, 0],
};

/** Of each client; so many that gRPC's choice at random is off by little. */
const CALLS = 3_000;

interface Kind {
	readonly title: string;
	readonly protocol: "http1" | "grpc";
	readonly start: StartClient;
}

async function kinds(only: readonly string[]): Promise<Kind[]> {
	const found: Kind[] = [];
	for (const version of ENVOY_VERSIONS) {
		const binary = await findEnvoy(version);
		if ("missing" in binary) console.error(binary.missing);
		else found.push({ title: `Envoy ${version}`, protocol: "http1", start: envoyClient(binary.path, "delta") });
	}
	for (const language of LANGUAGES) {
		const program = await findClient(language);
		if ("missing" in program) console.error(program.missing);
		else found.push({ title: `gRPC ${language}`, protocol: "grpc", start: grpcClient(program) });
	}
	return only.length === 0 ? found : found.filter(({ title }) => only.some((each) => title.includes(each)));
}

function percent(part: number): string {
	return `${(part * 100).toFixed(1)} %`;
}

console.log("| client | endpoints | clients | local | of possible | busiest endpoint | a zone ended and back |");
console.log("|---|---|---|--:|--:|--:|---|");
for (const { title, protocol, start } of await kinds(process.argv.slice(2))) {
	for (const [spread, clients] of [
		["evenly", ZONES],
		["all in a", ["a", "a", "a"]],
	] as const) {
		await using lab = await ZoneLab.start({ protocol, layouts: LAYOUTS, start, clients });
		for (const service of lab.services) {
			const { local, possible, hottest, failed } = await lab.measure(service, CALLS);
			let ended = "";
			if (service === "10-10-10") {
				const failures = await lab.underLoad(service, async () => {
					await lab.endZone(service, "a");
					await lab.startZone(service, "a", 10);
				});
				for (const each of failures) console.error(each);
				ended = failures.length === 0 ? "no failed request" : `${failures.length} failed`;
			}
			const figures = [percent(local), percent(local / possible), `${hottest.toFixed(2)} × the mean`, ended];
			if (failed > 0) console.error(`${title}, ${service}: ${failed} calls failed`);
			console.log(`| ${[title, service.replaceAll("-", "/"), spread, ...figures].join(" | ")} |`);
		}
	}
}
