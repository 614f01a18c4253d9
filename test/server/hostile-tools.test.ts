import { connect } from "node:http2";
import { type StatusObject, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PATIENCE } from "../../lab/patience.js";
import { waitUntil } from "../../lab/wait-until.js";
import { Cache } from "../../src/cache/cache.js";
import { HealthListRequest, HealthListResponse } from "../../src/gen/grpc/health/v1/health.js";
import { ServerReflectionRequest } from "../../src/gen/grpc/reflection/v1/reflection.js";
import { DescriptorIndex } from "../../src/server/tools/descriptor-index.js";
import { XdsServer } from "../../src/server/xds-server.js";
import { GrpcCaller } from "./grpc-call.js";

const REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const METHODS = [
	"/grpc.health.v1.Health/Check",
	"/grpc.health.v1.Health/Watch",
	"/grpc.health.v1.Health/List",
	REFLECTION,
	"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
	"/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus",
	"/envoy.service.status.v3.ClientStatusDiscoveryService/StreamClientStatus",
];
const bytes = (value: Buffer) => value;

let server: XdsServer;
let port: number;
let caller: GrpcCaller;

beforeEach(async () => {
	server = new XdsServer(new Cache({ get: () => undefined, services: () => [] }));
	({ port } = await server.listen({ host: "127.0.0.1", port: 0 }));
	caller = new GrpcCaller(port);
});
afterEach(async () => {
	caller[Symbol.dispose]();
	await server.stop(1_000);
});

function open(method: string) {
	const call = caller.client.makeBidiStreamRequest(method, bytes, bytes, { deadline: Date.now() + PATIENCE });
	call.on("error", () => {});
	return call;
}

const stillAnswers = () =>
	caller.unary("/grpc.health.v1.Health/List", [HealthListRequest, HealthListResponse], {}).then(({ statuses }) => {
		expect(Object.keys(statuses).length).toBeGreaterThan(5);
	});

it.each(METHODS)("%s ends the call of a client that sends no protobuf, and no other", async (method) => {
	const call = open(method);
	call.on("data", () => {});
	call.write(Buffer.from([0xff, 0xff, 0xff]));
	const { code } = await new Promise<StatusObject>((resolve) => call.once("status", resolve));
	expect(code).toBe(status.INTERNAL);
	await stillAnswers();
});

it.each(METHODS)("%s bears clients that ask and are gone before the answer", async (method) => {
	for (let i = 0; i < 20; i++) {
		const call = open(method);
		call.write(Buffer.alloc(0));
		if (i % 2 === 0) await new Promise(setImmediate);
		call.cancel();
	}
	await stillAnswers();
});

it("does not work ahead of a client that does not read", async () => {
	const answers = vi.spyOn(DescriptorIndex.prototype, "withImports");
	const file = { fileByFilename: "envoy/config/core/v3/base.proto" };
	const message = ServerReflectionRequest.encode(ServerReflectionRequest.fromPartial(file)).finish();
	const request = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
	// By hand, because a grpc-js client goes on reading ahead of its user.
	using stack = new DisposableStack();
	const session = stack.adopt(connect(`http://127.0.0.1:${port}`), (opened) => opened.destroy());
	const headers = { ":method": "POST", ":path": REFLECTION, "content-type": "application/grpc", te: "trailers" };
	const stream = session.request(headers).on("error", () => {});
	// Each answer is some kilobytes, which nobody takes.
	for (let i = 0; i < 10_000; i++) stream.write(request);
	let before = -1;
	await waitUntil("the server does no more", async () => {
		const same = answers.mock.calls.length === before && before > 0;
		before = answers.mock.calls.length;
		await stillAnswers();
		return same;
	});
	expect(before).toBeLessThan(100);
});
