import { parseArgs } from "node:util";
import { CASES } from "./fan-out.js";
import { SCENARIOS } from "./scenarios/index.js";
import { SERVERS, type ServerName } from "./servers.js";

export const HELP = `npm run bench -- [--full] [--only NAME] [--servers A,B] [--rounds N] [--seconds N] [--plot FILE] [--json FILE] [--profiles FOLDER]

  --full             all cases and all servers; without it cases B and F, delta, and some scenarios, in three minutes
  --only NAME        one part only: case B, C, D, E, F or set, in SotW and delta; a scenario
                     (${SCENARIOS.map(({ name }) => name).join(", ")}); config, file, providers, kubernetes-size, registry-size, tls,
                     state, zones; or
                     scale, which is only run so: 10,000 streams on one process for ten minutes
  --servers A,B      only these beside Fingerpost: ${SERVERS.slice(1).join(", ")}
  --rounds N         runs of each server in each case, in turns; 3
  --seconds N        how long the client of stuck does not read (10, and 600 at most), or scale lasts (600)
  --plot FILE        where scale draws memory, CPU and staleness over time, as an SVG
  --json FILE        also writes all numbers to FILE
  --profiles FOLDER  writes a CPU profile of each server in Node (the numbers are not to be trusted then)
`;

const PARTS: readonly string[] = [
	...[...CASES, ...SCENARIOS].map(({ name }) => name),
	"config",
	"file",
	"providers",
	"kubernetes-size",
	"registry-size",
	"tls",
	"zones",
	"state",
	"scale",
];
const STUCK_SECONDS = 10;
const SCALE_SECONDS = 600;

const { values } = parseArgs({
	options: {
		json: { type: "string" },
		rounds: { type: "string", default: "3" },
		seconds: { type: "string" },
		plot: { type: "string" },
		full: { type: "boolean", default: false },
		only: { type: "string" },
		servers: { type: "string", default: "" },
		profiles: { type: "string" },
		help: { type: "boolean" },
	},
});
const { only } = values;
const rounds = Number(values.rounds);
const seconds = Number(values.seconds ?? (only === "scale" ? SCALE_SECONDS : STUCK_SECONDS));
const named = values.servers.split(",").filter(Boolean) as ServerName[];

/** Whether the command line can be obeyed. */
export const understood =
	Number.isInteger(rounds) &&
	rounds >= 1 &&
	Number.isInteger(seconds) &&
	seconds >= 1 &&
	(!only || PARTS.includes(only)) &&
	named.every((name) => SERVERS.includes(name));

export const options = { ...values, rounds, seconds, named };
