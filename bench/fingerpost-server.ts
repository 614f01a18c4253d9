// Fingerpost within a program that is the source of its services, and is told by lines `change WHAT N` when they change:
// the same as the peers are. `fingerpost-server SERVICES ENDPOINTS`.
import { createInterface } from "node:readline";
import type * as Fingerpost from "../src/index.js";
import { LONE } from "./servers.js";
import { serviceEndpoints, serviceName } from "./services.js";

const { ControlPlane, endpoint, Registry } = (await import(
	new URL("../dist/index.js", import.meta.url).href
)) as typeof Fingerpost;
const [services, endpoints] = process.argv.slice(2).map(Number) as [number, number];

/** A service's list of endpoints, for each of its two states. */
function states(index: number): readonly [readonly Fingerpost.Endpoint[], readonly Fingerpost.Endpoint[]] {
	const list = (variant: number) =>
		serviceEndpoints(index, variant, endpoints).map((each) => endpoint({ health: "healthy", ...each }));
	return [list(50), list(100)];
}

const changing = { watched: states(0), lone: states(services) };
const observers = new Map<number, Fingerpost.TargetObserver>();
const registry = new Registry();
registry.register("bench", {
	discover: async () => [],
	watch: ({ path }, observer) => {
		const index = Number(path.replace("/", ""));
		observers.set(index, observer);
		observer.endpoints(states(index)[1]);
	},
});
const names = new Map(Array.from({ length: services }, (_, index) => [serviceName(index), index]));
names.set(LONE, services);
const controlPlane = new ControlPlane(
	{
		xds: { listen: "127.0.0.1:0" },
		admin: { listen: "127.0.0.1:0" },
		services: Object.fromEntries([...names].map(([name, index]) => [name, `bench:///${index}`])),
	},
	{ registry },
);
const { xds } = await controlPlane.start();
console.log(`ready ${xds.port}`);

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
	const [, what, n] = line.split(" ") as [string, keyof typeof changing, string];
	observers.get(what === "watched" ? 0 : services)?.endpoints(changing[what][Number(n) % 2 === 0 ? 0 : 1]);
});
// By exit, so that a CPU profile is written.
lines.on("close", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
