import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { waitUntil } from "../../../lab/wait-until.js";
import { Cache } from "../../../src/cache/cache.js";
import {
	HealthCheckResponse_ServingStatus as Health,
	HealthCheckRequest,
	HealthCheckResponse,
	HealthListRequest,
	HealthListResponse,
} from "../../../src/gen/grpc/health/v1/health.js";
import { XdsServer } from "../../../src/server/xds-server.js";
import { GrpcCaller } from "../grpc-call.js";

const ADS = "envoy.service.discovery.v3.AggregatedDiscoveryService";
const codecs = [HealthCheckRequest, HealthCheckResponse] as const;

let server: XdsServer;
let caller: GrpcCaller;

beforeEach(async () => {
	server = new XdsServer(new Cache({ get: () => undefined, services: () => [] }));
	const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
	caller = new GrpcCaller(port);
});
afterEach(async () => {
	caller[Symbol.dispose]();
	await server.stop(1_000);
});

const check = (service: string) => caller.unary("/grpc.health.v1.Health/Check", codecs, { service });
const watch = (service: string) => caller.watch("/grpc.health.v1.Health/Watch", codecs, { service });

it("is not serving before the server is ready, and serving from then on", async () => {
	expect(await check("")).toEqual({ status: Health.NOT_SERVING });
	server.ready();
	expect(await check("")).toEqual({ status: Health.SERVING });
	expect(await check(ADS)).toEqual({ status: Health.SERVING });
});

it("knows no other services", async () => {
	await expect(check("some.Service")).rejects.toMatchObject({ code: status.NOT_FOUND });
	const watched = watch("some.Service");
	await waitUntil("it is told so", () => watched.answers.length > 0);
	expect(watched.answers).toEqual([{ status: Health.SERVICE_UNKNOWN }]);
	expect(watched.ended).toBe(false);
	watched.cancel();
});

it("tells who watches of every change, the last when it stops", async () => {
	const watched = watch(ADS);
	const gone = watch("");
	await waitUntil("both are told the state", () => watched.answers.length === 1 && gone.answers.length === 1);
	gone.cancel();
	server.ready();
	server.ready();
	await waitUntil("it is told of the change", () => watched.answers.length > 1);
	await server.stop();
	await waitUntil("the watch has ended", () => watched.ended);
	expect(watched.answers.map((answer) => Health[answer.status])).toEqual(["NOT_SERVING", "SERVING", "NOT_SERVING"]);
});

it("lists the services of the port", async () => {
	server.ready();
	const { statuses } = await caller.unary("/grpc.health.v1.Health/List", [HealthListRequest, HealthListResponse], {});
	expect(Object.keys(statuses)).toContain(ADS);
	expect(Object.values(statuses)).toEqual(Object.keys(statuses).map(() => ({ status: Health.SERVING })));
});
