import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ADMIN_ROUTES } from "../../src/admin/admin-routes.js";
import { AdminServer } from "../../src/admin/admin-server.js";
import type { HistorySources } from "../../src/admin/history/history-sources.js";
import { Metrics } from "../../src/admin/metrics/metrics.js";
import type { SentSources } from "../../src/admin/sent/sent-resource.js";
import { OwnDemand } from "../../src/cache/zones/own-demand.js";
import type { HostPort } from "../../src/model/host-port.js";
import { FakeSources, FULL_ENDPOINT, fakeClient, fakeService, inSteps, NOON } from "../admin/fake-sources.js";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/admin-api.md"), "utf8");

/** What stands for any key: services, types and metadata have names of their own. */
const MAPS = /^(?:.*\.)?(?:types|metadata)$/;

/** Every field of the value, as `services[].endpoints.total`. */
function fieldsOf(value: unknown, path = ""): string[] {
	if (Array.isArray(value)) return value.flatMap((each) => fieldsOf(each, `${path}[]`));
	if (typeof value !== "object" || value === null) return [];
	return Object.entries(value).flatMap(([name, inner]) => {
		const field = `${path === "" ? "" : `${path}.`}${MAPS.test(path) ? "*" : name}`;
		return [field, ...fieldsOf(inner, field)];
	});
}

/** The fields that the page shows under the route's heading, in its blocks of JSON. */
function shownFields(route: string): ReadonlySet<string> {
	const [, section = ""] = PAGE.split(`\n## ${route}\n`)[1]?.match(/^([\s\S]*?)(?=\n## |$(?![\s\S]))/) ?? [];
	const blocks = [...section.matchAll(/(?:^ {4}.*\n?|^\n(?= {4}))+/gm)].map(([block]) => block.trim());
	const inLines = [...section.matchAll(/`(\{"[^`]*\})`/g)].map(([, text = ""]) => text);
	const parsed = [...blocks, ...inLines].flatMap((text) => {
		for (const candidate of [text, `{${text}}`]) {
			try {
				return [JSON.parse(candidate) as unknown];
			} catch {
				// Not JSON: a command, or a shape in words.
			}
		}
		return [];
	});
	return new Set(parsed.flatMap((value) => fieldsOf(value)));
}

/** Sources in which nothing is absent, so that every field of every answer is there. */
function fullSources(): FakeSources {
	const target = {
		target: "file:///f",
		state: "stale",
		lastSuccess: NOON,
		lastError: { message: "gone", at: NOON },
		staleSince: NOON,
		changes: 1,
	} as const;
	const pin = { endpoints: [FULL_ENDPOINT], version: "1", since: NOON, until: NOON };
	const held = { endpoints: [FULL_ENDPOINT], before: 2, since: NOON, until: NOON, why: "target" } as const;
	const service = fakeService("checkout", {
		endpoints: [FULL_ENDPOINT],
		pin,
		notes: ["checkout-5d9f is left out: it is not ready"],
		targets: [{ ...target, endpoints: 1, held }],
		comparison: {
			status: target,
			difference: { missing: ["a"], extra: ["b"], differing: [{ address: "c", fields: ["weight"] }] },
			since: NOON,
		} as never,
	});
	const sources = new FakeSources(service);
	const version = { version: "1", at: NOON };
	const eds = {
		...{
			mode: "delta" as const,
			wildcard: false,
			names: ["checkout"],
			missing: ["x"],
			asksNothing: false,
			synced: false,
		},
		...{ sent: version, acked: version },
		nacked: { version: "1", resources: ["checkout"], error: "no", at: NOON, searching: false },
	} as const;
	const client = fakeClient({
		node: "NODE",
		identity: "spiffe://prod/a",
		access: { rule: 0, identity: "*", services: ["*"] },
		locality: { region: "eu", zone: "a", subZone: "" },
		zone: { region: "eu", zone: "a" },
		types: { eds },
	});
	sources.connected = [client];
	const zone = { region: "eu", zone: "a" };
	const parts = { priority: 0, clients: 1, allClients: 2, capacity: 1, demand: 1, keeps: 1, spills: 0 };
	const holder = { node: "NODE", stream: 1, types: { eds: "acked" } } as const;
	const lacking = { node: "NODE", stream: 2, types: { eds: "sent" } } as const;
	const problem = { name: "checkout", type: "eds", family: "grpc", reason: "rejected", message: "no" } as const;
	const place = { file: "f", line: 1, column: 1, path: "a", message: "no" };
	const certificate = { listener: "xds", subject: "CN=a", notBefore: "", notAfter: "", note: "soon" } as const;
	const change = {
		at: 1,
		version: "1",
		target: "file:///f",
		added: [FULL_ENDPOINT],
		removed: [],
		changed: [],
		changedFrom: [],
	};
	const history: HistorySources = {
		changesOf: () => [change, { ...change, version: "0" }],
		last: () => change,
		changedAt: () => 1,
		endpointsBefore: () => [],
		versions: () => [{ type: "eds", family: "envoy", version: "1" }],
		locate: async () => new Map(),
		ackedAfter: () => 1,
		pin: () => true,
		release: () => true,
	};
	const sent: SentSources = {
		views: () => ["envoy"],
		viewsOf: () => ["envoy"],
		of: async () => [
			{
				...{ type: "eds", typeUrl: "", name: "checkout", view: "envoy", family: "envoy", isInUse: true },
				...{ version: "1", bytes: 1, problem: null, pieces: () => [`{"@type":"","clusterName":"","endpoints":[]}`] },
			},
		],
	};
	const own = new OwnDemand();
	own.note("checkout", [{ ...zone, clients: 1 }]);
	const replica = { address: "a:1", state: "synced", id: "b", clients: 1, lastSuccess: NOON, error: "" } as const;
	return Object.assign(sources, {
		...{ history, sent },
		demand: { id: "a", own, isShared: true },
		replicas: () => ({ known: true, replicas: [replica] }),
		problems: () => inSteps([{ ...problem, since: NOON, rejectedBy: 1, ackedBy: 1, isAccepted: true }]),
		holders: () => inSteps({ asking: 2, acked: 1, having: [holder], lacking: [lacking] }),
		zonesOf: () => [{ ...zone, ...parts, to: [{ zone, share: 1 }] }],
		clientsOf: () => [
			{ status: client, names: () => [{ name: "checkout", state: "acked", resource: { version: "1" } }] as never },
		],
		asking: () => [{ node: "NODE", stream: 1, state: "sent" } as const],
		approve: () => 1,
		registries: () => [{ ...target, name: "{service}", found: 1, served: 1, notes: ["a"] }],
		config: () => ({
			...{ file: "f", loadedAt: "", certificates: [certificate] },
			lastReload: { at: "", success: false, error: "no", problems: [place] },
		}),
	});
}

/** What is to be asked so that the route gives all that it can. */
const QUERIES: Readonly<Record<string, string>> = {
	"GET /api/v1/converged": "?service=checkout&address=10.0.0.9:80&timeout=1ms",
	"GET /api/v1/services/NAME/diff": "?since=1m",
	"POST /api/v1/services/NAME/rollback": "?for=1m",
	"POST /api/v1/targets/refresh": "?target=file:///f",
	"GET /api/v1/services": "?clients",
	"GET /readyz": "?strict",
};

/** What no JSON is, or what `test/docs` holds elsewhere. */
const OTHERS = ["GET /", "GET /page/FILE", "GET /metrics", "GET /api/v1/events"];

describe("docs/admin-api.md", () => {
	const routes = ADMIN_ROUTES.filter(({ method, path }) => !OTHERS.includes(`${method} ${path}`));

	it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
		"shows every field of %s, and no other",
		async (title, { method, path }) => {
			const sources = fullSources();
			if (path === "/readyz") sources.all.push(fakeService("z", { state: "unknown" }));
			await using server = new AdminServer({
				listen: { host: "127.0.0.1", port: 0 },
				sources,
				metrics: new Metrics(sources),
			});
			await server.start();
			const { port } = server.address as HostPort;
			const place = path.replace("services/NAME", "services/checkout");
			const answer = await fetch(`http://127.0.0.1:${port}${place}${QUERIES[title] ?? ""}`, { method });
			const given = new Set(fieldsOf(await answer.json()));
			expect(given.size).toBeGreaterThan(0);
			const shown = shownFields(title);
			expect([...given].filter((field) => !shown.has(field) && !isFromList(title, field)).sort()).toEqual([]);
			const elsewhere = path === "/readyz" ? ["status"] : [];
			expect([...shown].filter((field) => !given.has(field) && !elsewhere.includes(field)).sort()).toEqual([]);
		},
	);
});

/** One service, and the clients of a node, are told as in the lists and with some more. */
function isFromList(title: string, field: string): boolean {
	const lists: Readonly<Record<string, readonly [string, string]>> = {
		"GET /api/v1/services/NAME": ["GET /api/v1/services", `services[].${field}`],
		"GET /api/v1/clients/NODE": ["GET /api/v1/clients", field],
	};
	const [list, name] = lists[title] ?? [];
	return list !== undefined && name !== undefined && shownFields(list).has(name);
}
