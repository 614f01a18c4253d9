// `npm run zones` prints the tables of docs/zones.md: where requests went, by kind of client, endpoints and clients, and
// with `--killed` what became of them when a zone was killed. Words that follow choose the clients, such as "Envoy 1.40".
import { ENVOY_VERSIONS, findEnvoy } from "../envoy-binary.js";
import { findClient, LANGUAGES } from "../grpc-clients.js";
import { type Layout, ZONES, ZoneLab } from "./zone-lab.js";
import { OUTAGE_SERVICE, REPEATABLE, zoneOutage } from "./zone-outage.js";
import { envoyClient, grpcClient, type StartClient } from "./zoned-client.js";

const LAYOUTS: Readonly<Record<string, Layout>> = {
	"30-3-3": [30, 3, 3],
	"10-10-10": [10, 10, 10],
	"1-1-1": [1, 1, 1],
	"10-10-0": [10, 10, 0],
};

const SPREADS = [
	["evenly", ZONES],
	["all in a", ["a", "a", "a"]],
] as const;

/** How long a killed zone stays away at least. */
const AWAY_MS = 5_000;

/** Of each client; so many that gRPC's choice at random is off by little. */
const CALLS = 3_000;

interface Kind {
	readonly title: string;
	readonly protocol: "http1" | "grpc";
	readonly start: StartClient;
	/** The same with the routes of a service from Fingerpost, where it has its own else. */
	readonly routed: StartClient;
}

async function kinds(only: readonly string[]): Promise<Kind[]> {
	const found: Kind[] = [];
	for (const version of ENVOY_VERSIONS) {
		const binary = await findEnvoy(version);
		if ("missing" in binary) console.error(binary.missing);
		else {
			const start = envoyClient(binary.path, "delta");
			const routed = envoyClient(binary.path, "delta", OUTAGE_SERVICE);
			found.push({ title: `Envoy ${version}`, protocol: "http1", start, routed });
		}
	}
	for (const language of LANGUAGES) {
		const program = await findClient(language);
		if ("missing" in program) console.error(program.missing);
		else {
			const start = grpcClient(program);
			found.push({ title: `gRPC ${language}`, protocol: "grpc", start, routed: start });
		}
	}
	return only.length === 0 ? found : found.filter(({ title }) => only.some((each) => title.includes(each)));
}

function percent(part: number): string {
	return `${(part * 100).toFixed(1)} %`;
}

function seconds(ms: number): string {
	return `${(ms / 1_000).toFixed(1)} s`;
}

async function printShares(only: readonly string[]): Promise<void> {
	console.log("| client | endpoints | clients | local | of possible | busiest endpoint | a zone ended and back |");
	console.log("|---|---|---|--:|--:|--:|---|");
	for (const { title, protocol, start } of await kinds(only)) {
		for (const [spread, clients] of SPREADS) {
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
}

async function printOutages(only: readonly string[]): Promise<void> {
	console.log("| client | clients | `retries` | requests | failed | others answer after | the zone is back after |");
	console.log("|---|---|---|--:|--:|--:|--:|");
	for (const { title, protocol, routed } of await kinds(only)) {
		for (const [spread, clients] of SPREADS) {
			for (const [said, settings] of [
				["none", {}],
				["of what was under way", REPEATABLE],
			] as const) {
				const kind = { protocol, start: routed, clients, settings };
				const { failures, nacks, ...seen } = await zoneOutage({ ...kind, endpoints: 10, away: AWAY_MS });
				for (const each of [...failures, ...nacks]) console.error(`${title}, ${spread}, ${said}: ${each}`);
				const figures = [seen.requests, seen.failed, seconds(seen.over), seconds(seen.back)];
				console.log(`| ${[title, spread, said, ...figures].join(" | ")} |`);
			}
		}
	}
}

const [first, ...others] = process.argv.slice(2);
if (first === "--killed") await printOutages(others);
else await printShares(process.argv.slice(2));
