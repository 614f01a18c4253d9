import { expect, it } from "vitest";
import { endpoint } from "../../../src/model/endpoint.js";
import type { Policies } from "../../../src/model/policies/policies.js";
import { encodeService } from "../../../src/resources/encode-service.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import type { View } from "../../../src/resources/view.js";
import { decodeSotw } from "../decode.js";

const ENDPOINTS = [
	endpoint({ address: "127.0.0.1", port: 1, hostname: "one.internal" }),
	endpoint({ address: "127.0.0.1", port: 2 }),
];

function encoded(type: "eds" | "rds", view: View, policies: Policies, name = "web"): string {
	const service = { name, protocol: "grpc", connectTimeout: 1_000, targets: [], policies } as const;
	return JSON.stringify(decodeSotw(encodeService(resourceType(type), view, service, ENDPOINTS)));
}

it.each(["envoy", "grpc", "grpc-tls"] as const)(
	"hostRewrite is in the route of the view %s where it is written",
	(view) => {
		expect(encoded("rds", view, { hostRewrite: "auto" })).toContain('"auto_host_rewrite":');
		expect(encoded("rds", view, {})).not.toContain("auto_host_rewrite");
	},
);

it("gives gRPC clients the service's own name for endpoints without a hostname, as a host", () => {
	const hostnames = (view: View, policies: Policies, name?: string) =>
		[...encoded("eds", view, policies, name).matchAll(/"hostname":"([^"]*)"/g)].map(([, found]) => found);
	expect(hostnames("grpc", { hostRewrite: "auto" })).toEqual(["one.internal", "web"]);
	expect(hostnames("grpc", { hostRewrite: "auto" }, "shop/web:80")).toEqual(["one.internal", "shop%2Fweb:80"]);
	expect(hostnames("grpc", {})).toEqual(["one.internal"]);
	expect(hostnames("envoy", { hostRewrite: "auto" })).toEqual(["one.internal"]);
});
