import { beforeEach, describe, expect, it } from "vitest";
import { mirror } from "../../src/cache/mirror.js";
import { ResourceSet } from "../../src/cache/resource-set.js";
import { resourceType } from "../../src/resources/resource-types.js";
import { resourceOf } from "../server/protocol/transcripts/content.js";

const CDS = resourceType("cds");

let [from, to]: [ResourceSet, ResourceSet] = [new ResourceSet(CDS), new ResourceSet(CDS)];

beforeEach(() => {
	[from, to] = [new ResourceSet(CDS), new ResourceSet(CDS)];
});

const put = (set: ResourceSet, content: string) => set.put(resourceOf(CDS, "a", content), 0);
/** Whether the resources are one and the same, and what is awaited. */
const mirrored = () => {
	mirror(from, to, "a", 1);
	return [to.get("a") === from.get("a"), to.holds("a"), to.overdueOf("a")];
};

describe("a name that is mirrored", () => {
	it("has the very same resource, changes with it, and goes with it", () => {
		put(from, "1");
		expect(mirrored()).toEqual([true, true, undefined]);
		put(from, "2");
		expect(mirrored()).toEqual([true, true, undefined]);
		from.remove("a", 0);
		expect(mirrored()).toEqual([true, false, undefined]);
	});

	it("is awaited as long as it is, and overdue when it is", () => {
		from.await("a", false, 0);
		expect(mirrored()).toEqual([true, false, false]);
		from.await("a", true, 0);
		expect(mirrored()).toEqual([true, false, true]);
		put(from, "1");
		expect(mirrored()).toEqual([true, true, undefined]);
	});

	it("stays as it was while it is awaited", () => {
		put(from, "2");
		from.await("a", false, 0);
		expect(mirrored()).toEqual([true, true, false]);
		put(to, "1");
		to.await("a", false, 0);
		expect(mirrored()).toEqual([false, true, false]);
	});

	it("has nothing that is generated", () => {
		const lds = resourceType("lds");
		const [listeners, others] = [new ResourceSet(lds, "grpc"), new ResourceSet(lds, "grpc")];
		const name = "grpc/server?xds.resource.listening_address=0.0.0.0:80";
		mirror(listeners, others, name, 1);
		expect([listeners.get(name)?.name, others.holds(name)]).toEqual([name, false]);
	});
});
