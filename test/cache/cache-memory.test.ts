import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { Cache } from "../../src/cache/cache.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import { at, service } from "../catalog/fake-provider.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

it("the cache holds no endpoints of before, whatever types are in use", async () => {
	let current: ServiceState | undefined;
	const cache = new Cache({ get: () => current, services: () => (current ? [current] : []) });
	const change = (i: number) => {
		const endpoints = [at(i)];
		const status = { state: "synced", known: true, repairs: [], notes: [], targets: [], overdue: false } as const;
		current = { name: "a", definition: service("a", []), endpoints, ...status };
		cache.update(["a"], i);
		return new WeakRef(endpoints);
	};
	const seen = [change(1)];
	for (const type of ["cds", "eds", "lds", "rds"] as const) {
		cache.acquire(type, "envoy");
		seen.push(change(seen.length + 1));
	}
	await waitUntil("all but the newest are gone", async () => {
		collect();
		await delay(0);
		return seen.filter((each) => each.deref() !== undefined).length === 1;
	});
	expect(seen.at(-1)?.deref()).toHaveLength(1);
});
