import type { AdminSources } from "../../src/admin/admin-sources.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import { endpoint } from "../../src/model/endpoint.js";
import type { ClientStatus } from "../../src/server/protocol/client-status.js";

export const NOON = new Date("2026-11-24T12:00:00.000Z");

/** An endpoint of which nothing is absent. */
export const FULL_ENDPOINT = endpoint({
	address: "10.0.0.1",
	port: 80,
	health: "healthy",
	locality: { region: "eu", zone: "a", subZone: "" },
	hostname: "h",
	additionalAddresses: [{ address: "fd00::1", port: 80 }],
	metadata: { v: "2" },
	origin: { target: "file:///f", object: "/f", revision: "7", at: NOON },
});

export function fakeService(name: string, parts: Partial<ServiceState> = {}): ServiceState {
	return {
		name,
		definition: { name, protocol: "http1", connectTimeout: 5_000, targets: [] },
		state: "synced",
		known: true,
		endpoints: [endpoint({ address: "127.0.0.1", port: 8080, health: "healthy" })],
		repairs: [],
		notes: [],
		targets: [{ target: `static://${name}:80`, state: "synced", lastSuccess: NOON, changes: 1 }],
		overdue: false,
		...parts,
	};
}

export function fakeClient(parts: Partial<ClientStatus> = {}): ClientStatus {
	return {
		node: "envoy-1",
		stream: 1,
		family: "envoy",
		userAgent: "envoy 1.40.0",
		address: "127.0.0.1:50000",
		connectedAt: NOON,
		features: [],
		types: {},
		...parts,
	};
}

/** Sources that a test can change while a server looks at them. */
export class FakeSources implements AdminSources {
	readonly version = "1.2.3";
	all: ServiceState[];
	connected: ClientStatus[] = [];
	readonly refreshed: string[] = [];
	#revision = 0;

	constructor(...all: ServiceState[]) {
		this.all = all;
	}

	services(): Iterable<ServiceState> {
		return this.all.values();
	}

	names() {
		return { revision: ++this.#revision, names: this.all.map(({ name }) => name) };
	}

	service(name: string): ServiceState | undefined {
		return this.all.find((each) => each.name === name);
	}

	versionOf(name: string): string {
		return this.service(name)?.state === "unknown" ? "" : `version-of-${name}`;
	}

	canServe(): boolean {
		return this.all.every(({ state }) => state !== "unknown");
	}

	clients(): readonly ClientStatus[] {
		return this.connected;
	}

	refresh(text: string): boolean {
		const known = this.all.some((service) => service.targets.some(({ target }) => target === text));
		if (known) this.refreshed.push(text);
		return known;
	}
}

/** A list as it comes where it takes long to make. */
export function* inSteps<T>(values: T): Generator<"", T> {
	yield "";
	return values;
}
