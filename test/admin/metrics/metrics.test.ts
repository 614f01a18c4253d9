import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Metrics } from "../../../src/admin/metrics/metrics.js";
import { endpoint } from "../../../src/model/endpoint.js";
import { parseTarget } from "../../../src/model/target.js";
import { type TargetCondition, TargetWatch } from "../../../src/providers/watch/target-watch.js";
import type { TypeStatus } from "../../../src/server/protocol/client-status.js";
import { SourceFailed } from "../../../src/util/errors.js";
import { Turns } from "../../../src/util/slices.js";
import { FakeSources, fakeClient, fakeService, inSteps } from "../fake-sources.js";

function typeStatus(mode: TypeStatus["mode"]): TypeStatus {
	const nothing = { sent: null, acked: null, nacked: null };
	return { mode, wildcard: true, names: [], missing: [], ...nothing, asksNothing: false, synced: true };
}

function withTarget(name: string, state: TargetCondition, staleSince?: Date) {
	return fakeService(name, {
		targets: [{ target: "file:///f", state, ...(staleSince && { staleSince }), changes: 0 }],
	});
}

async function textOf(metrics: Metrics): Promise<string> {
	let text = "";
	for await (const chunk of metrics.chunks(new Turns())) text += chunk;
	return text;
}

/** The values of Fingerpost's own metrics by name and labels. */
async function scrape(metrics: Metrics): Promise<Map<string, number>> {
	const values = new Map<string, number>();
	for (const line of (await textOf(metrics)).split("\n")) {
		const match = /^(fingerpost_\S+(?:\{.*\})?) (\S+)$/.exec(line);
		if (match) values.set(match[1] as string, Number(match[2]));
	}
	return values;
}

describe("metrics", () => {
	it("count what the server tells, from 0", async () => {
		const metrics = new Metrics(new FakeSources());
		const before = await scrape(metrics);
		expect(before.get('fingerpost_pushes_total{type="eds",mode="delta"}')).toBe(0);
		expect(before.get('fingerpost_nacks_total{type="cds",family="grpc"}')).toBe(0);
		metrics.pushed("eds", "delta");
		metrics.pushed("eds", "delta");
		metrics.acked("eds");
		metrics.nacked("cds", "grpc");
		metrics.converged("eds", "grpc", 0.004);
		const after = await scrape(metrics);
		expect(after.get('fingerpost_pushes_total{type="eds",mode="delta"}')).toBe(2);
		expect(after.get('fingerpost_acks_total{type="eds"}')).toBe(1);
		expect(after.get('fingerpost_nacks_total{type="cds",family="grpc"}')).toBe(1);
		expect(after.get('fingerpost_convergence_seconds_bucket{le="0.0025",type="eds",family="grpc"}')).toBe(0);
		expect(after.get('fingerpost_convergence_seconds_bucket{le="0.005",type="eds",family="grpc"}')).toBe(1);
	});

	it("keep the time of the last good config when a later one fails", async () => {
		const metrics = new Metrics(new FakeSources());
		metrics.reloaded("success");
		const name = "fingerpost_config_last_reload_success_timestamp_seconds";
		const at = (await scrape(metrics)).get(name);
		expect(at).toBeGreaterThan(1_000_000_000);
		metrics.reloaded("failure");
		const after = await scrape(metrics);
		expect(after.get(name)).toBe(at);
		expect(after.get('fingerpost_config_reloads_total{result="failure"}')).toBe(1);
	});

	it("show on each scrape what there is then", async () => {
		const sources = new FakeSources(fakeService("a"), fakeService("b"));
		const metrics = new Metrics(sources);
		sources.connected = [
			fakeClient({ types: { cds: typeStatus("delta"), eds: typeStatus("delta") } }),
			fakeClient({ stream: 2, types: { eds: typeStatus("sotw") } }),
		];
		const before = await scrape(metrics);
		expect(before.get("fingerpost_clients")).toBe(2);
		expect(before.get('fingerpost_streams{type="eds",mode="delta"}')).toBe(1);
		expect(before.get('fingerpost_streams{type="eds",mode="sotw"}')).toBe(1);
		expect(before.get('fingerpost_resources{type="eds"}')).toBe(2);
		sources.connected = [];
		sources.all = [];
		const after = await scrape(metrics);
		expect(after.get("fingerpost_clients")).toBe(0);
		expect(after.get('fingerpost_streams{type="eds",mode="delta"}')).toBe(0);
		expect([...after.keys()].filter((name) => name.startsWith("fingerpost_target_"))).toEqual([]);
	});

	it("count the services in each state, and those without an endpoint", async () => {
		const sources = new FakeSources(
			fakeService("a"),
			fakeService("b", { state: "stale", endpoints: [] }),
			fakeService("c", { state: "unknown", known: false, endpoints: [] }),
		);
		const values = await scrape(new Metrics(sources));
		const counts = ["synced", "stale", "unknown", "removing"].map((s) =>
			values.get(`fingerpost_services{state="${s}"}`),
		);
		expect(counts).toEqual([1, 1, 1, 0]);
		expect(values.get("fingerpost_empty_services")).toBe(1);
	});

	it("count the endpoints of each service by health, of services above 1,000 together", async () => {
		const many = Array.from({ length: 1_002 }, (_, index) => fakeService(`s${index}`));
		const mixed = (["draining", "draining", "timeout"] as const).map((health, index) =>
			endpoint({ address: "127.0.0.1", port: index + 1, health }),
		);
		const unknown = fakeService("nothing-known", { state: "unknown", known: false, endpoints: [] });
		const sources = new FakeSources(fakeService("mixed", { endpoints: mixed }), unknown, ...many);
		const values = await scrape(new Metrics(sources));
		const of = (service: string, health: string) =>
			values.get(`fingerpost_endpoints{service="${service}",health="${health}"}`);
		expect([of("mixed", "healthy"), of("mixed", "draining"), of("mixed", "timeout")]).toEqual([0, 2, 1]);
		expect(of("mixed", "unhealthy")).toBeUndefined();
		expect(of("nothing-known", "healthy")).toBeUndefined();
		expect([of("s998", "healthy"), of("s999", "healthy"), of("(others)", "healthy")]).toEqual([1, undefined, 3]);
		sources.all.length = 3;
		expect((await scrape(new Metrics(sources))).has('fingerpost_endpoints{service="(others)",health="healthy"}')).toBe(
			false,
		);
	});

	it("count the notes of services and registries", async () => {
		const sources = new FakeSources(
			fakeService("a", { notes: ["one", "two"] }),
			fakeService("b", { notes: ["three"] }),
		);
		const values = await scrape(new Metrics(sources));
		expect([values.get('fingerpost_notes{of="service"}'), values.get('fingerpost_notes{of="registry"}')]).toEqual([
			3, 0,
		]);
	});

	it("show how many connections wait and were refused", async () => {
		let counts = { waiting: 7, refused: 2 };
		const metrics = new Metrics(Object.assign(new FakeSources(), { connections: () => counts }));
		await scrape(metrics);
		counts = { waiting: 0, refused: 3 };
		const values = await scrape(metrics);
		expect(values.get("fingerpost_waiting_connections")).toBe(0);
		expect(values.get("fingerpost_refused_connections_total")).toBe(3);
		const without = await scrape(new Metrics(new FakeSources()));
		expect(without.get("fingerpost_refused_connections_total")).toBe(0);
	});

	it("count who reached which limit, and what is withheld, from 0", async () => {
		const problem = {
			name: "a",
			type: "eds",
			family: "grpc",
			reason: "tooLarge",
			message: "",
			since: new Date(),
			rejectedBy: null,
			ackedBy: null,
			isAccepted: false,
		} as const;
		const withheld = [problem, { ...problem, name: "b" }];
		const sources = Object.assign(new FakeSources(fakeService("a")), { withheld: () => inSteps(withheld) });
		const metrics = new Metrics(sources);
		metrics.limited("names");
		const values = await scrape(metrics);
		expect(values.get('fingerpost_limits_reached_total{limit="names"}')).toBe(1);
		for (const limit of ["nameLength", "streams", "requestsPerSecond"])
			expect(values.get(`fingerpost_limits_reached_total{limit="${limit}"}`)).toBe(0);
		expect(values.get('fingerpost_withheld_resources{type="eds",family="grpc"}')).toBe(2);
		expect(values.get('fingerpost_withheld_resources{type="eds",family="envoy"}')).toBe(0);
		withheld.length = 0;
		expect((await scrape(metrics)).get('fingerpost_withheld_resources{type="eds",family="grpc"}')).toBe(0);
	});

	it("take the number of resources from the source that knows it", async () => {
		const sources = Object.assign(new FakeSources(fakeService("a")), { resources: () => ({ eds: 7 }) });
		expect((await scrape(new Metrics(sources))).get('fingerpost_resources{type="eds"}')).toBe(7);
	});

	it("show the worst state of a target that several services have, and no inline one", async () => {
		const inline = fakeService("c", { targets: [{ target: "inline", state: "synced", changes: 0 }] });
		const stale = withTarget("b", "stale", new Date(Date.now() - 60_000));
		const sources = new FakeSources(withTarget("a", "synced"), stale, withTarget("d", "connecting"), inline);
		const values = await scrape(new Metrics(sources));
		const states = [...values].filter(([name]) => name.startsWith("fingerpost_target_state"));
		expect(Object.fromEntries(states)).toEqual({
			'fingerpost_target_state{target="file:///f",state="synced"}': 0,
			'fingerpost_target_state{target="file:///f",state="connecting"}': 0,
			'fingerpost_target_state{target="file:///f",state="stale"}': 1,
			'fingerpost_target_state{target="file:///f",state="failed"}': 0,
		});
		const seconds = values.get('fingerpost_target_stale_seconds{target="file:///f"}');
		expect(seconds).toBeGreaterThanOrEqual(60);
		expect(seconds).toBeLessThan(120);
	});

	it("show what a whole registry has, what of it is not served, and since when it fails", async () => {
		const at = (seconds: number) => new Date(Date.now() - seconds * 1_000);
		const sources = Object.assign(new FakeSources(), {
			registries: () => [
				{
					...{ target: 'k8s:///"a"/*', name: "{service}", state: "stale" as const, notes: [] },
					...{ found: 9, served: 6, leftOut: { taken: 2, invalid: 1 }, heldServices: 4 },
					...{ lastSuccess: new Date(1_000_500), staleSince: at(60) },
				},
			],
		});
		const values = await scrape(new Metrics(sources));
		const of = (name: string, more = "") =>
			values.get(`fingerpost_registry_${name}{registry="k8s:///\\"a\\"/*",name="{service}"${more}}`);
		expect([of("state", ',state="stale"'), of("state", ',state="synced"'), of("services")]).toEqual([1, 0, 9]);
		const leftOut = (reason: string) => of("left_out_services", `,reason="${reason}"`);
		expect([leftOut("taken"), leftOut("invalid"), of("held_services")]).toEqual([2, 1, 4]);
		expect(of("last_success_timestamp_seconds")).toBe(1_000.5);
		expect(of("stale_seconds")).toBeGreaterThanOrEqual(60);
	});

	it("count the answers and failures of sources by scheme", async () => {
		const metrics = new Metrics(new FakeSources());
		const watch = new TargetWatch(parseTarget("counted:///x"), () => {});
		watch.start({
			watch(_, observer) {
				observer.endpoints([]);
				observer.endpoints([]);
				observer.failed(new SourceFailed("no"));
			},
		});
		const values = await scrape(metrics);
		const of = (result: string) => values.get(`fingerpost_source_answers_total{scheme="counted",result="${result}"}`);
		expect([of("success"), of("failure")]).toEqual([2, 1]);
	});

	it("are those that docs/metrics.md lists, with their types", async () => {
		const text = await textOf(new Metrics(new FakeSources()));
		const real = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
		const docs = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");
		const listed = [...docs.matchAll(/^\| `(\w+)` +\| (\w+) +\|/gm)].map(([, name, type]) => `${name} ${type}`);
		expect(listed.length).toBeGreaterThan(12);
		expect(listed.sort()).toEqual(real.sort());
	});
});
