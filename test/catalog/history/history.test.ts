import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { waitUntil } from "../../../lab/wait-until.js";
import type { ServiceChange } from "../../../src/catalog/catalog.js";
import { History } from "../../../src/catalog/history/history.js";
import type { ServiceState } from "../../../src/catalog/service-state.js";
import { addressOf, compareEndpoints, type Endpoint, endpoint } from "../../../src/model/endpoint.js";
import { atOnce } from "../../../src/util/steps.js";

/** A service whose endpoints are replaced one after the other, as pods are. */
class Service {
	readonly name: string;
	state: ServiceState | undefined;
	#revision = 1_000_000;

	constructor(name: string) {
		this.name = name;
	}

	become(endpoints: readonly Endpoint[]): ServiceChange {
		const previous = this.state;
		const sorted = [...endpoints].sort(compareEndpoints);
		this.state = { name: this.name, known: true, endpoints: sorted, targets: [], notes: [] } as never;
		return { name: this.name, previous, current: this.state };
	}

	pod(): Endpoint {
		const n = this.#revision++;
		return endpoint({
			address: `10.${n % 4}.${(n * 7) % 256}.${(n * 31) % 256}`,
			port: 8080,
			health: "healthy",
			locality: { region: "eu", zone: `eu-1${"abc"[n % 3]}`, subZone: "" },
			metadata: { node: `node-${n % 40}` },
			origin: {
				target: `k8s:///shop/${this.name}:http`,
				object: `shop/${this.name}-x7k2p`,
				revision: String(n * 3),
				at: new Date(1_764_000_000_000 + n * 61_003),
			},
		});
	}
}

function replaceOne(service: Service): ServiceChange {
	const [, ...rest] = [...(service.state?.endpoints ?? [])].sort(
		(a, b) => Number(a.origin?.revision) - Number(b.origin?.revision),
	);
	return service.become([...rest, service.pod()]);
}

const record = (history: History, changes: readonly ServiceChange[]) => atOnce(history.record(changes));

let version = 0;
const options = { versionOf: () => `v${version++}`, encode: () => "encoded" };

describe("the history of a service", () => {
	it("tells what it was at each version, packed or not", async () => {
		const history = new History({ ...options });
		const service = new Service("web");
		record(history, [service.become([service.pod(), service.pod(), service.pod()])]);
		const states: (readonly Endpoint[])[] = [service.state?.endpoints ?? []];
		for (let i = 0; i < 400; i++) {
			record(history, [replaceOne(service)]);
			states.push(service.state?.endpoints ?? []);
			// So that it packs between them.
			if (i % 20 === 0) await turn();
		}
		const changes = [...history.changesOf("web")];
		expect(changes).toHaveLength(401);
		const present = service.state?.endpoints ?? [];
		for (const [i, change] of changes.entries()) {
			expect(change.added.map(addressOf)).toHaveLength(i === 400 ? 3 : 1);
			if (i % 57 !== 0) continue;
			const seen = new Set(changes.slice(0, i));
			const names = new Set([...seen].map((each) => each.version));
			const before = history.endpointsBefore("web", present, (each) => names.has(each.version));
			expect(before, `before ${i}`).toEqual(states[states.length - 1 - i]);
		}
		expect(history.endpointsBefore("web", present, () => true)).toBeUndefined();
	});

	it("keeps a day of a thousand services, each with a change a minute, in 64 MB", async () => {
		const some = 3;
		const history = new History({ ...options });
		const services = Array.from({ length: some }, (_, i) => new Service(`web-${i}`));
		for (const each of services) record(history, [each.become(Array.from({ length: 10 }, () => each.pod()))]);
		for (let minute = 0; minute < 1_440; minute++) {
			record(history, services.map(replaceOne));
			while (history.isWorking) await turn();
		}
		expect(history.bytes).toBeLessThan((64_000_000 / 1_000) * some);
		for (const { name } of services) expect([...history.changesOf(name)]).toHaveLength(1_441);
	});

	it("forgets the oldest where it would be more than it may be", () => {
		const history = new History({ ...options, maxBytes: 200_000, maxChanges: 100 });
		const [web, other] = [new Service("web"), new Service("other")];
		record(history, [web.become([web.pod()]), other.become([other.pod()])]);
		for (let i = 0; i < 2_000; i++) {
			record(history, [replaceOne(web)]);
			expect(history.bytes).toBeLessThanOrEqual(200_000);
		}
		expect([...history.changesOf("other")]).toHaveLength(1);
		expect([...history.changesOf("web")].length).toBeGreaterThan(10);
	});

	it("packs the changes of the only service that has any in a later turn", async () => {
		const history = new History({ ...options });
		const service = new Service("web");
		record(history, [service.become([service.pod()])]);
		expect(history.isWorking).toBe(false);
		for (let i = 0; i < 100; i++) record(history, [replaceOne(service)]);
		const { bytes } = history;
		await waitUntil("it is packed", () => !history.isWorking);
		expect(history.bytes).toBeLessThan(bytes / 2);
	});

	it("counts nothing of what was forgotten before it was packed", async () => {
		const history = new History({ ...options, maxBytes: 1 });
		const service = new Service("web");
		const changes = Array.from({ length: 20 }, () => service.become([service.pod()]));
		record(history, changes);
		expect([history.bytes, history.isWorking]).toEqual([0, true]);
		await waitUntil("it has nothing to do", () => !history.isWorking);
		expect(history.bytes).toBe(0);
	});

	it("learns the version of a state that no client uses in a later turn", async () => {
		const history = new History({ ...options, versionOf: () => undefined });
		const service = new Service("web");
		record(history, [service.become([service.pod()])]);
		expect(history.last("web")?.version).toBe("");
		history.ackedByAll(["web"]);
		await waitUntil("it is known", () => history.last("web")?.version === "encoded");
		expect(history.last("web")?.ackedByAllAt).toBeDefined();
	});
});
