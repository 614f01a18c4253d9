import { once } from "node:events";
import { Client, type ClientDuplexStream, credentials, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PATIENCE } from "../../../lab/patience.js";
import { Cache } from "../../../src/cache/cache.js";
import { ServerReflectionRequest, ServerReflectionResponse } from "../../../src/gen/grpc/reflection/v1/reflection.js";
import { XdsServer } from "../../../src/server/xds-server.js";

type Stream = ClientDuplexStream<ServerReflectionRequest, ServerReflectionResponse>;

describe.each(["v1", "v1alpha"])("reflection %s", (version) => {
	let server: XdsServer;
	let client: Client;
	let stream: Stream;

	beforeEach(async () => {
		server = new XdsServer(new Cache({ get: () => undefined, services: () => [] }));
		const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
		client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
		stream = client.makeBidiStreamRequest(
			`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
			(message: ServerReflectionRequest) => Buffer.from(ServerReflectionRequest.encode(message).finish()),
			(bytes) => ServerReflectionResponse.decode(bytes),
		);
		stream.on("error", () => {});
	});
	afterEach(async () => {
		stream.cancel();
		client.close();
		await server.stop(1_000);
	});

	async function ask(request: Partial<ServerReflectionRequest>): Promise<ServerReflectionResponse> {
		stream.write(ServerReflectionRequest.fromPartial(request));
		const [response] = await once(stream, "data", { signal: AbortSignal.timeout(PATIENCE) });
		return response as ServerReflectionResponse;
	}

	/** The name is a file descriptor's first field. */
	const namesOf = ({ fileDescriptorResponse }: ServerReflectionResponse) =>
		fileDescriptorResponse?.fileDescriptorProto.map((file) =>
			Buffer.from(file.subarray(2, 2 + (file[1] ?? 0))).toString(),
		);

	it("lists the services of the port, and describes each of them", async () => {
		const names = (await ask({ listServices: "*" })).listServicesResponse?.service.map(({ name }) => name) ?? [];
		expect(names).toContain("envoy.service.discovery.v3.AggregatedDiscoveryService");
		expect(names).toContain("grpc.health.v1.Health");
		expect(names).toContain("envoy.service.status.v3.ClientStatusDiscoveryService");
		expect(names).toHaveLength(new Set(names).size);
		for (const name of names)
			expect(await ask({ fileContainingSymbol: name })).not.toHaveProperty("errorResponse.errorCode");
	});

	it("sends a file with all it imports, and what was sent before only if it is asked for", async () => {
		const service = "envoy.service.discovery.v3.AggregatedDiscoveryService";
		const first = namesOf(await ask({ fileContainingSymbol: service }));
		expect(first?.[0]).toBe("envoy/service/discovery/v3/ads.proto");
		expect(first).toContain("envoy/config/core/v3/base.proto");
		expect(first).toContain("google/protobuf/struct.proto");
		const again = await ask({ fileContainingSymbol: `${service}.StreamAggregatedResources` });
		expect(namesOf(again)).toEqual(["envoy/service/discovery/v3/ads.proto"]);
		const imported = await ask({ fileByFilename: "envoy/config/core/v3/base.proto" });
		expect(namesOf(imported)).toEqual(["envoy/config/core/v3/base.proto"]);
	});

	it.each([
		"cluster.v3.Cluster",
		"endpoint.v3.ClusterLoadAssignment",
		"listener.v3.Listener",
		"route.v3.RouteConfiguration",
	])("knows what is in responses: %s", async (name) => {
		expect(namesOf(await ask({ fileContainingSymbol: `envoy.config.${name}` }))?.[0]).toMatch(/^envoy\/config\//);
	});

	it("knows the extensions of a message", async () => {
		const message = "google.protobuf.FileOptions";
		const numbers = (await ask({ allExtensionNumbersOfType: message })).allExtensionNumbersResponse;
		expect(numbers?.baseTypeName).toBe(message);
		expect(numbers?.extensionNumber.length).toBeGreaterThan(0);
		for (const extensionNumber of numbers?.extensionNumber ?? []) {
			const file = await ask({ fileContainingExtension: { containingType: message, extensionNumber } });
			expect(namesOf(file)?.[0]).toMatch(/\.proto$/);
		}
	});

	it.each<Partial<ServerReflectionRequest>>([
		{ fileByFilename: "no/such.proto" },
		{ fileContainingSymbol: "constructor" },
		{ fileContainingSymbol: "grpc.health.v1.Health.NoSuchMethod" },
		{ fileContainingExtension: { containingType: "google.protobuf.FileOptions", extensionNumber: 1 } },
		{ fileContainingExtension: { containingType: "no.such.Message", extensionNumber: 1 } },
		{ allExtensionNumbersOfType: "no.such.Message" },
	])("answers that there is no %o, and goes on", async (request) => {
		const { errorResponse, originalRequest } = await ask(request);
		expect(errorResponse?.errorCode).toBe(status.NOT_FOUND);
		expect(originalRequest).toMatchObject(request);
		expect((await ask({})).errorResponse?.errorCode).toBe(status.INVALID_ARGUMENT);
		expect((await ask({ listServices: "" })).listServicesResponse?.service.length).toBeGreaterThan(5);
	});

	it("answers all that was asked before the client ended its side, then ends", async () => {
		for (let i = 0; i < 50; i++)
			stream.write(ServerReflectionRequest.fromPartial({ fileContainingSymbol: "envoy.config.cluster.v3.Cluster" }));
		stream.end();
		const answers: unknown[] = [];
		for await (const answer of stream) answers.push(answer);
		expect(answers).toHaveLength(50);
	});
});
