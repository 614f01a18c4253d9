// Fingerpost within a program that is the source of its services, and is told by lines when they change, the same as the
// peers are: `change WHAT N`, `number SERVICE N`, and `memory`, which is answered after everything that can be freed has
// been. `fingerpost-server WORLD`, as JSON.
import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type * as Fingerpost from "../src/index.js";
import { FIRST_NUMBER, LARGE, LONE, type World } from "./servers.js";
import { CHANGED, serviceEndpoints, serviceName } from "./services.js";

const { ControlPlane, endpoint, Registry } = (await import(
	new URL("../dist/index.js", import.meta.url).href
)) as typeof Fingerpost;
const { services, endpoints, others, large, own, tls, rules } = JSON.parse(process.argv[2] as string) as World;

/** The last one fits, and lets see what the clients ask for. */
const RULES = [
	...["ns/a/*", "ns/b/*"].map((identity) => ({ identity: `spiffe://bench.test/${identity}`, services: ["none-*"] })),
	{ identity: "*", services: ["svc-*", LONE] },
];

/** A service's list of endpoints, for each of its two states. */
function states(index: number): readonly [readonly Fingerpost.Endpoint[], readonly Fingerpost.Endpoint[]] {
	const count = others && index >= others.from ? others.endpoints : endpoints;
	const list = (variant: number) =>
		serviceEndpoints(index, variant, count).map((each) => endpoint({ health: "healthy", ...each }));
	const [odd, even] = [list(50), list(100)];
	// Who sets a list has its objects at hand, and makes one anew where something has changed.
	return [own ? even.with(CHANGED, odd[CHANGED] as Fingerpost.Endpoint) : odd, even];
}

function largeList(): readonly Fingerpost.Endpoint[] {
	return serviceEndpoints(services + 1, 100, 1_000).map((each) =>
		endpoint({ health: "healthy", ...each, metadata: { note: "x".repeat(1_000) } }),
	);
}

const names = new Map(Array.from({ length: services }, (_, index) => [serviceName(index), index]));
names.set(LONE, services);
if (large) names.set(LARGE, services + 1);
const changing = { watched: states(0), lone: states(services) };
/** Each service's newest list. */
const lists = new Map<string, readonly Fingerpost.Endpoint[]>();
const observers = new Map<string, Fingerpost.TargetObserver>();
const registry = new Registry();
registry.register("bench", {
	discover: async () => [],
	watch: ({ path }, observer) => {
		const name = path.replace("/", "");
		const list = name === LARGE ? largeList() : states(names.get(name) as number)[1];
		observers.set(name, observer);
		lists.set(name, list);
		observer.endpoints(list);
	},
});
const controlPlane = new ControlPlane(
	{
		xds: { listen: "127.0.0.1:0", ...(tls && { tls }), ...(rules && { access: RULES }) },
		admin: { listen: "127.0.0.1:0" },
		services: own ? {} : Object.fromEntries([...names.keys()].map((name) => [name, `bench:///${name}`])),
	},
	{ registry },
);
/** The source of the service has another list. */
function tell(name: string, list: readonly Fingerpost.Endpoint[]): void {
	if (own) controlPlane.set(name, list);
	else observers.get(name)?.endpoints(list);
}

if (own) for (const [name, index] of names) tell(name, states(index)[1]);
const { xds } = await controlPlane.start();
console.log(`ready ${xds.port}`);

/** One endpoint gets a weight that no other has. */
function number(name: string, n: number): void {
	const list = lists.get(name) ?? [];
	const [first] = list;
	if (!first) throw new Error(`no service ${name}`);
	const next = list.with(0, { ...first, weight: FIRST_NUMBER + n });
	lists.set(name, next);
	tell(name, next);
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Some of it is only freed by what runs after the first collection. */
async function tellMemory(): Promise<void> {
	for (let i = 0; i < 3; i++) {
		collect();
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	const { heapUsed, external } = process.memoryUsage();
	console.log(`memory ${heapUsed + external}`);
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
	const [what, name, n] = line.split(" ") as [string, string, string];
	if (what === "number") number(name, Number(n));
	else if (what === "memory") void tellMemory();
	else {
		const states = changing[name as keyof typeof changing];
		tell(name === "watched" ? serviceName(0) : LONE, states[Number(n) % 2 === 0 ? 0 : 1]);
	}
});
// By exit, so that a CPU profile is written.
lines.on("close", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
