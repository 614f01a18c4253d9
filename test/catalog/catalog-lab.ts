import { afterEach, beforeEach, expect, vi } from "vitest";
import { Catalog, type ServiceChange } from "../../src/catalog/catalog.js";
import { addressOf } from "../../src/model/endpoint.js";
import type { ServiceDefinition } from "../../src/model/service.js";
import { definitions, FakeProvider } from "./fake-provider.js";

export const A = "fake:///a";
export const B = "fake:///b";
export const C = "fake:///c";

/** A catalog over a fake provider, with fake timers: a removal grace of 30 s, a sync deadline of 10 s. */
export class CatalogLab {
	readonly provider = new FakeProvider();
	readonly catalog = new Catalog(this.provider.registry, { removalGrace: 30_000, syncDeadline: 10_000 });
	/** What the listeners were told, a list a turn. */
	readonly turns: (readonly ServiceChange[])[] = [];

	constructor() {
		this.catalog.onChange((changes) => void this.turns.push(changes));
	}

	apply(...list: readonly ServiceDefinition[]): void {
		this.catalog.apply(definitions(...list));
		this.catalog.flush();
	}

	/** State and addresses, of 10.0.0.N:80 only the N; `absent` for a service that is not there. */
	seen(name = "web"): string {
		this.catalog.flush();
		const state = this.catalog.get(name);
		if (!state) return "absent";
		return [state.state, ...state.endpoints.map((e) => addressOf(e).replace(/^10\.0\.0\.(\d+):80$/, "$1"))].join(" ");
	}

	priorities(name = "web"): Record<string, number> {
		this.catalog.flush();
		return Object.fromEntries(this.catalog.get(name)?.endpoints.map((e) => [e.address, e.priority]) ?? []);
	}
}

/** Gives each test of the file a new one; afterwards everything must be freed. */
export function useCatalogLab(take: (lab: CatalogLab) => void): void {
	let lab: CatalogLab;
	beforeEach(() => {
		vi.useFakeTimers({
			toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "performance", "Date"],
		});
		lab = new CatalogLab();
		take(lab);
	});
	afterEach(() => {
		lab.catalog.stop();
		expect(vi.getTimerCount()).toBe(0);
		for (const text of lab.provider.watches.keys()) expect(lab.provider.running(text)).toBe(0);
		vi.useRealTimers();
	});
}
