import { trace } from "@opentelemetry/api";
import {
	InMemorySpanExporter,
	NodeTracerProvider,
	type ReadableSpan,
	SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { waitUntil } from "../../../../lab/wait-until.js";
import { XdsStream } from "../../../../lab/xds-client.js";
import { ControlPlane } from "../../../../src/app/control-plane.js";
import { ChangeTraces } from "../../../../src/app/history/traces/change-traces.js";
import { loadTracing } from "../../../../src/app/history/traces/load-tracing.js";
import type { ServiceChange } from "../../../../src/catalog/changes/service-change.js";
import type { HostPort } from "../../../../src/model/host-port.js";
import { fakeService } from "../../../admin/fake-sources.js";

const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
const SILENT = pino({ level: "silent" });

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

beforeEach(() => trace.setGlobalTracerProvider(provider) && exporter.reset());

afterEach(() => trace.disable());

const named = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === `fingerpost.${name}`);
const msOf = ([seconds, nanos]: ReadableSpan["startTime"]) => seconds * 1_000 + nanos / 1e6;

async function started() {
	const plane = new ControlPlane({ xds: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" }, services: {} });
	plane.set("web", ["10.0.0.1:80"]);
	const { port } = (await plane.start()).xds as HostPort;
	const client = new XdsStream({ port });
	client.send({ type_url: EDS, node: { id: "envoy-1", user_agent_name: "envoy" }, resource_names: ["web"] } as never);
	const first = await client.next("web", () => true);
	client.send({ type_url: EDS, resource_names: ["web"], response_nonce: first.nonce });
	return {
		...{ plane, client },
		async [Symbol.asyncDispose]() {
			client[Symbol.dispose]();
			await plane.stop();
		},
	};
}

it("a change is one trace, from its source to the last ACK", async () => {
	await using server = await started();
	exporter.reset();
	const before = Date.now();
	server.plane.set("web", ["10.0.0.1:80", "10.0.0.2:80"]);
	const pushed = await server.client.next("the change", () => true, 1);
	// The start may be a trace of its own, which ends at any time.
	const acked = () => named("change").find(({ attributes }) => attributes["fingerpost.acks"] === 1);
	expect(acked()).toBeUndefined();
	server.client.send({ type_url: EDS, resource_names: ["web"], response_nonce: pushed.nonce });
	await waitUntil("it has ended", () => acked() !== undefined);
	const root = acked() as ReadableSpan;
	const { traceId } = root.spanContext();
	const all = exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
	expect(all.map(({ name }) => name).sort()).toEqual(
		["catalog", "change", "push", "source"].map((each) => `fingerpost.${each}`),
	);
	for (const span of all.filter((each) => each !== root)) {
		expect(span.parentSpanContext?.spanId).toBe(root.spanContext().spanId);
		expect(msOf(span.startTime)).toBeGreaterThanOrEqual(msOf(root.startTime));
		expect(msOf(span.endTime)).toBeLessThanOrEqual(msOf(root.endTime));
	}
	expect(root.parentSpanContext).toBeUndefined();
	expect(root.attributes).toEqual({
		...{ "fingerpost.service": ["web"], "fingerpost.acks": 1, "fingerpost.nacks": 0, "fingerpost.complete": true },
	});
	expect(msOf(root.startTime)).toBeGreaterThanOrEqual(before - 1);
	const source = all.find(({ name }) => name === "fingerpost.source");
	expect(source?.attributes).toMatchObject({ "fingerpost.provider": "inline", "fingerpost.endpoints": 2 });
	expect(named("push")[0]?.attributes).toMatchObject({
		...{ "fingerpost.node": "envoy-1", "fingerpost.family": "envoy", "fingerpost.type": "eds" },
	});
});

it("a rejection fails its span, in the client's own words", async () => {
	await using server = await started();
	exporter.reset();
	server.plane.set("web", ["10.0.0.2:80"]);
	const { nonce } = await server.client.next("the change", () => true, 1);
	const error_detail = { code: 3, message: "no such address" };
	server.client.send({ type_url: EDS, resource_names: ["web"], response_nonce: nonce, error_detail });
	await waitUntil("it is told", () => named("push").length === 1);
	expect(named("push")[0]?.status).toMatchObject({ code: 2, message: expect.stringContaining("no such address") });
	await server.plane.stop();
	const rejected = named("change").filter(({ attributes }) => attributes["fingerpost.nacks"] === 1);
	expect(rejected.map(({ attributes }) => attributes["fingerpost.complete"])).toEqual([false]);
});

it("nothing is traced, and nothing loaded, without an SDK", async () => {
	trace.disable();
	expect(loadTracing(SILENT)).toBeUndefined();
	await using server = await started();
	server.plane.set("web", ["10.0.0.2:80"]);
	await server.client.next("the change", () => true, 1);
	expect(exporter.getFinishedSpans()).toEqual([]);
});

const STREAM = { node: "n", stream: 1, family: "envoy", userAgent: "envoy", address: "127.0.0.1:1" } as const;

function change(name: string): ServiceChange {
	return { name, previous: fakeService(name, { endpoints: [] }), current: fakeService(name) };
}

async function traces(): Promise<ChangeTraces> {
	const tracing = await loadTracing(SILENT);
	if (!tracing) throw new Error("there is an SDK");
	return new ChangeTraces(tracing);
}

it("has a bound for services, clients and changes at a time", async () => {
	const all = await traces();
	const at = performance.now();
	const names = Array.from({ length: 1_000 }, (_, i) => `s${i}`);
	all.changed(names.map(change), at);
	for (let i = 0; i < 1_000; i++) all.acked(STREAM, "eds", { since: at, sentAt: Date.now() });
	for (let i = 1; i < 1_000; i++) all.changed([change("other")], at + i);
	all.done([...names, "other"]);
	expect([named("source"), named("push"), named("change")].map(({ length }) => length)).toEqual([20 + 99, 100, 100]);
	const [first] = named("change").filter(({ attributes }) => attributes["fingerpost.acks"] === 1_000);
	expect(first?.attributes["fingerpost.service"]).toEqual(names.slice(0, 20));
});

it("ends after 30 s, where a client does not ACK", async () => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
	try {
		const all = await traces();
		all.changed([change("web")], performance.now());
		vi.advanceTimersByTime(29_000);
		expect(named("change")).toEqual([]);
		vi.advanceTimersByTime(1_000);
		expect(named("change")[0]?.attributes).toMatchObject({ "fingerpost.complete": false });
	} finally {
		vi.useRealTimers();
	}
});
