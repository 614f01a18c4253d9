import { describe, expect, it } from "vitest";
import { DeltaDiscoveryResponse, DiscoveryResponse } from "../../src/gen/envoy/service/discovery/v3/discovery.js";
import {
	CONTROL_PLANE,
	CONTROL_PLANE_IDENTIFIER,
	DELTA_REQUEST,
	RESOURCE,
	RESOURCE_ERROR,
	RESOURCE_ERRORS,
	RESOURCE_NAME,
	RESPONSE,
	SOTW_REQUEST,
} from "../../src/resources/discovery-fields.js";
import { joinFields, Message } from "../../src/resources/join-fields.js";
import { fieldNumbers } from "./decode.js";

const numbers = (message: string) => fieldNumbers(`envoy.service.discovery.v3.${message}`);

describe("the field numbers of the discovery service are those of its proto", () => {
	it("in requests", () => {
		const sotw = numbers("DiscoveryRequest");
		expect(SOTW_REQUEST).toEqual({
			...{ version: sotw.version_info, node: sotw.node, names: sotw.resource_names },
			...{ typeUrl: sotw.type_url, nonce: sotw.response_nonce, error: sotw.error_detail },
		});
		const delta = numbers("DeltaDiscoveryRequest");
		expect(DELTA_REQUEST).toEqual({
			...{ node: delta.node, typeUrl: delta.type_url, nonce: delta.response_nonce, error: delta.error_detail },
			...{ subscribe: delta.resource_names_subscribe, unsubscribe: delta.resource_names_unsubscribe },
			initialVersions: delta.initial_resource_versions,
		});
	});

	it("in responses", () => {
		const [sotw, delta] = [numbers("DiscoveryResponse"), numbers("DeltaDiscoveryResponse")];
		const common = { resources: sotw.resources, typeUrl: sotw.type_url, nonce: sotw.nonce };
		expect(RESPONSE).toEqual({ ...common, version: sotw.version_info, removed: delta.removed_resources });
		expect({ resources: delta.resources, typeUrl: delta.type_url, nonce: delta.nonce }).toEqual(common);
		expect(delta.system_version_info).toBe(sotw.version_info);
		const { version, resource, name, ttl } = numbers("Resource");
		expect(RESOURCE).toEqual({ version, resource, name, ttl });
	});

	it.each([
		["sotw", DiscoveryResponse],
		["delta", DeltaDiscoveryResponse],
	] as const)("in who it is that sends a response, in %s", (mode, codec) => {
		const { controlPlane } = codec.decode(
			joinFields([[CONTROL_PLANE[mode], new Message([[CONTROL_PLANE_IDENTIFIER, "fingerpost"]])]]),
		);
		expect(controlPlane).toMatchObject({ identifier: "fingerpost" });
	});

	it.each([
		["sotw", DiscoveryResponse],
		["delta", DeltaDiscoveryResponse],
	] as const)("in the errors of a response, in %s", (mode, codec) => {
		const name = new Message([[RESOURCE_NAME.name, "web"]]);
		const detail = new Message([[2, "no such name"]]);
		const error = new Message([
			[RESOURCE_ERROR.name, name],
			[RESOURCE_ERROR.detail, detail],
		]);
		const { resourceErrors } = codec.decode(joinFields([[RESOURCE_ERRORS[mode], error]]));
		expect(resourceErrors).toMatchObject([{ resourceName: { name: "web" }, errorDetail: { message: "no such name" } }]);
	});
});
