import { expect, it } from "vitest";
import { Cache } from "../../src/cache/cache.js";
import type { ResourceSet } from "../../src/cache/resource-set.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import { endpoint } from "../../src/model/endpoint.js";
import { encodeService } from "../../src/resources/encode-service.js";
import type { EncodedResource } from "../../src/resources/encoded-resource.js";
import { resourceType } from "../../src/resources/resource-types.js";
import { service, serviceState } from "../catalog/fake-provider.js";

function served(set: ResourceSet): EncodedResource {
	return set.get("web") as EncodedResource;
}

it("copies from what was encoded last, not from what is served in place of what clients reject", () => {
	const all = Array.from({ length: 100 }, (_, i) => endpoint({ address: "10.0.0.1", port: i + 1 }));
	let state: ServiceState;
	const cache = new Cache({ get: () => state, services: () => [state] });
	const show = (endpoints: typeof all) => {
		state = serviceState("web", { endpoints });
		cache.update(["web"], 0);
	};
	show(all);
	const set = cache.acquire("eds", "envoy");
	set.accept({ resources: [served(set)], removed: [], accepted: false });
	const second = all.with(10, endpoint({ address: "10.0.0.1", port: 11, hostname: "a.name.of.some.length" }));
	let rejected = false;
	set.subscribe("web", {
		changed: () => {
			if (!rejected) {
				rejected = true;
				set.reject(served(set), "no");
			}
		},
	});
	show(second);
	expect([...set.quarantined()]).toHaveLength(1);
	const third = second.with(50, endpoint({ address: "10.0.0.1", port: 51, weight: 7 }));
	show(third);
	const want = encodeService(resourceType("eds"), "envoy", service("web", []), third).value;
	expect(Buffer.compare(served(set).value, want)).toBe(0);
});
