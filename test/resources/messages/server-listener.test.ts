import { describe, expect, it } from "vitest";
import { EncodedResource } from "../../../src/resources/encoded-resource.js";
import { encodeServerListener } from "../../../src/resources/messages/server-listener.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import { decodeSotw } from "../decode.js";

const PREFIX = "grpc/server?xds.resource.listening_address=";
const TYPE = "type.googleapis.com/envoy.extensions.filters";

function decoded(name: string) {
	const value = encodeServerListener(name);
	return value && decodeSotw(new EncodedResource(resourceType("lds").url, name, value));
}

describe("the Listener of a gRPC server", () => {
	it("has the address of its name, and lets every call through to the server", () => {
		expect(decoded(`${PREFIX}127.0.0.1:50051`)).toEqual({
			"@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
			name: `${PREFIX}127.0.0.1:50051`,
			address: { socket_address: { address: "127.0.0.1", port_value: 50_051 } },
			filter_chains: [
				{
					name: "grpc-server",
					filters: [
						{
							name: "envoy.filters.network.http_connection_manager",
							typed_config: {
								"@type": `${TYPE}.network.http_connection_manager.v3.HttpConnectionManager`,
								stat_prefix: "grpc-server",
								route_config: {
									name: "grpc-server",
									virtual_hosts: [
										{
											name: "grpc-server",
											domains: ["*"],
											routes: [{ match: { prefix: "/" }, non_forwarding_action: {} }],
										},
									],
								},
								http_filters: [
									{
										name: "envoy.filters.http.router",
										typed_config: { "@type": `${TYPE}.http.router.v3.Router` },
									},
								],
							},
						},
					],
				},
			],
		});
	});

	it.each([
		["0.0.0.0:1", "0.0.0.0", 1],
		["[::]:65535", "::", 65_535],
		["[fe80::1%eth0]:80", "fe80::1%eth0", 80],
	])("knows the address %s", (text, address, port) => {
		expect(decoded(PREFIX + text)?.address).toEqual({ socket_address: { address, port_value: port } });
	});

	it("knows an address of 128 characters, and none that is longer", () => {
		const address = (length: number) => `[fe80::1%${"x".repeat(length - "[fe80::1%]:80".length)}]:80`;
		expect(decoded(PREFIX + address(128))?.address).toBeDefined();
		expect(decoded(PREFIX + address(129))).toBeUndefined();
	});

	it.each([
		"web",
		PREFIX,
		"grpc/server?xds.resource.listening_address",
		`x${PREFIX}127.0.0.1:80`,
		...[
			"localhost:80",
			"127.0.0.1",
			"127.0.0.1:0",
			"127.0.0.1:65536",
			"127.0.0.1:8080x",
			"::1:80",
			"[::1]80",
			"[::1]:",
		].map((address) => PREFIX + address),
		`${PREFIX}[127.0.0.1]:80`,
		`${PREFIX}[fe80::1%${"x".repeat(200)}]:80`,
	])("is not made of %s", (name) => {
		expect(encodeServerListener(name)).toBeUndefined();
	});
});
