import { describe, expect, it } from "vitest";
import { ResourceSet } from "../../src/cache/resource-set.js";
import type { EncodedResource } from "../../src/resources/encoded-resource.js";
import { resourceType } from "../../src/resources/resource-types.js";
import { resourceOf } from "../server/protocol/transcripts/content.js";

const EDS = resourceType("eds");

function version(content: string): string {
	return resourceOf(EDS, "a", content).version;
}

class Lab {
	readonly set = new ResourceSet(EDS);

	put(content: string): EncodedResource {
		this.set.put(resourceOf(EDS, "a", content), 0);
		return this.set.get("a") as EncodedResource;
	}

	ack(...resources: readonly EncodedResource[]): void {
		this.set.accept({ resources, removed: [], accepted: false });
	}

	get lastAcked(): string | undefined {
		return this.set.lastAcked("a")?.version;
	}
}

describe("the last ACKed version of a name", () => {
	it("is kept only while the newest one is another and no client has ACKed that", () => {
		const lab = new Lab();
		const first = lab.put("1");
		lab.ack(first);
		expect(lab.lastAcked).toBeUndefined();
		const second = lab.put("2");
		expect(lab.lastAcked).toBe(version("1"));
		lab.put("3");
		expect(lab.lastAcked).toBe(version("1"));
		// An ACK that comes late is for what is newer still than the one before.
		lab.ack(second);
		expect(lab.lastAcked).toBe(version("2"));
		lab.ack(lab.put("4"));
		expect(lab.lastAcked).toBeUndefined();
	});

	it("is not needed where the content goes back to it, or the service goes", () => {
		const lab = new Lab();
		lab.ack(lab.put("1"));
		lab.put("2");
		expect(lab.put("1").accepted).toBe(true);
		expect(lab.lastAcked).toBeUndefined();
		lab.put("2");
		lab.set.remove("a", 0);
		expect(lab.lastAcked).toBeUndefined();
	});

	it("is the newer one also where a client ACKs an older one that others had ACKed", () => {
		const lab = new Lab();
		const first = lab.put("1");
		lab.ack(first);
		lab.ack(lab.put("2"));
		lab.put("3");
		lab.ack(first);
		expect(lab.lastAcked).toBe(version("2"));
	});

	it("is the newer one of two that came late, though another client ACKs the older one after it", () => {
		const lab = new Lab();
		const [first, second] = [lab.put("1"), lab.put("2")];
		lab.put("3");
		for (const each of [first, second]) lab.ack(each);
		expect(lab.lastAcked).toBe(version("2"));
		lab.ack(first);
		expect(lab.lastAcked).toBe(version("2"));
	});

	it("leaves what is served alone: the newest, also after an ACK of an older one", () => {
		const lab = new Lab();
		const first = lab.put("1");
		lab.put("2");
		lab.ack(first);
		expect(lab.set.get("a")?.version).toBe(version("2"));
	});
});
