import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Fingerpost } from "../../lab/fingerpost.js";
import { describeServers, serverBinary } from "../../lab/server-binary.js";
import { tempFolder } from "../util/temp-folder.js";

const run = promisify(execFile);
const MONITORING = join(import.meta.dirname, "../../deploy/monitoring");
const read = (name: string) => readFile(join(MONITORING, name), "utf8");

interface Rule {
	readonly alert: string;
	readonly expr: string;
	readonly labels: { readonly severity: string };
	readonly annotations: { readonly summary: string; readonly description: string };
}
interface Groups {
	readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}
interface Dashboard {
	readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
	readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}

let rules: readonly Rule[];
let queries: readonly string[];

beforeAll(async () => {
	const { groups } = parse(await read("fingerpost.rules.yaml")) as Groups;
	rules = groups.flatMap((group) => group.rules);
	const { panels, templating } = JSON.parse(await read("grafana-dashboard.json")) as Dashboard;
	const drawn = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
	const chosen = templating.list.flatMap(({ query }) => /^label_values\((.*), \w+\)$/.exec(query)?.[1] ?? []);
	// Grafana puts in what is chosen: a regular expression.
	queries = [...drawn, ...chosen].map((query) => query.replaceAll(/\$(job|instance)/g, ".*"));
	expect([rules.length > 15, drawn.length > 25, chosen.length]).toEqual([true, true, 2]);
});

/** The metrics that a query names, each with the labels that it asks for by `=` or `=~`. */
function selectors(query: string): { metric: string; labels: readonly (readonly [string, string, string])[] }[] {
	const found = query.matchAll(/\b((?:fingerpost|process|nodejs)_\w+)(?:\{([^}]*)\})?/g);
	return [...found].map(([, metric = "", inner = ""]) => ({
		metric,
		labels: [...inner.matchAll(/(\w+)(=~?)"([^"]*)"/g)].map(
			([, label = "", how = "", value = ""]) => [label, how, value] as const,
		),
	}));
}

describe("deploy/monitoring", () => {
	it("has the same rules for Prometheus and for its operator", async () => {
		const { kind, spec } = parse(await read("prometheus-rule.yaml")) as { kind: string; spec: Groups };
		expect(kind).toBe("PrometheusRule");
		expect(spec).toEqual(parse(await read("fingerpost.rules.yaml")));
	});

	it("asks for metrics and labels that a running server has", async () => {
		await using server = await Fingerpost.start({
			services: { web: "127.0.0.1:8080", gone: "file:///nowhere/endpoints.yaml" },
			// Nobody listens there.
			providers: { consul: { address: "http://127.0.0.1:9" } },
			discover: ["consul:///*"],
			syncDeadline: "1s",
		});
		const text = await (await fetch(`${server.adminUrl}/metrics`)).text();
		const typed = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = ""]) => name));
		const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
		const asked = [...rules.map(({ expr }) => expr), ...queries].flatMap(selectors);
		expect(asked.length).toBeGreaterThan(40);
		for (const { metric, labels } of asked) {
			const family = metric.replace(/_bucket$/, "");
			expect(typed, metric).toContain(family);
			const own = lines.filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `));
			for (const [label, how, value] of labels) {
				// Prometheus sets these two itself.
				if (label === "job" || label === "instance") continue;
				const test = new RegExp(how === "=" ? `[{,]${label}="${value}"` : `[{,]${label}="(?:${value})"`);
				expect(
					own.some((line) => test.test(line)),
					`${metric} ${label}${how}"${value}"`,
				).toBe(true);
			}
		}
		await server.kill();
	});

	it("has each alert in docs/monitoring.md, with its severity, and no other", async () => {
		const page = await readFile(join(MONITORING, "../../docs/monitoring.md"), "utf8");
		const told = [...page.matchAll(/^\| `(Fingerpost\w+)` \| (\w+) \|/gm)].map(([, name, severity]) => [
			name,
			severity,
		]);
		expect(told).toEqual(rules.map(({ alert, labels }) => [alert, labels.severity]));
	});
});

describeServers(["promtool"], "deploy/monitoring with promtool", () => {
	const check = (path: string) => run(serverBinary("promtool") ?? "promtool", ["check", "rules", path]);

	it("has rules that are valid", async () => {
		expect((await check(join(MONITORING, "fingerpost.rules.yaml"))).stdout).toContain(`${rules.length} rules found`);
	});

	it("has a dashboard of which every query is valid", async () => {
		await using folder = await tempFolder();
		const path = folder.file("queries.yaml");
		const written = queries.map((expr, index) => ({ record: `query:number_${index}`, expr }));
		await writeFile(path, JSON.stringify({ groups: [{ name: "queries", rules: written }] }));
		expect((await check(path)).stdout).toContain(`${queries.length} rules found`);
		await writeFile(path, JSON.stringify({ groups: [{ name: "q", rules: [{ record: "a", expr: "sum by (" }] }] }));
		await expect(check(path)).rejects.toThrow("parse error");
	});
});
