import { describe, expect, it } from "vitest";
import { describeEtcd, Etcd } from "../../lab/etcd.js";
import { FakeConsul } from "../../lab/fake-consul.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { LoopProbe } from "../../lab/loop-probe.js";
import { waitUntil } from "../../lab/wait-until.js";

/** Milliseconds that a whole registry may hold the event loop. A busy machine's collector of garbage makes it more. */
const HOLD_MS = 50;
const SLACK = 3;
/** A busy machine may take more than its own once. */
const TRIES = 3;
const SERVICES = 5_000;
const ENDPOINTS = 10;

const nameOf = (n: number) => `s-${String(n).padStart(4, "0")}`;

describe("a whole registry of 5,000 services holds nobody up", () => {
	/** @returns the least, of some tries, for which the loop was held at a time since the program is ready. */
	async function leastHold(providers: Readonly<Record<string, object>>, registry: string, count: number) {
		let least = Number.POSITIVE_INFINITY;
		for (let round = 0; round < TRIES && least >= HOLD_MS; round++) {
			const probe = new LoopProbe();
			// The program begins without it: what its start takes is no concern here.
			await using server = await Fingerpost.start({ providers, services: {} }, { env: probe.env });
			const since = Date.now();
			await server.writeConfig(JSON.stringify({ providers, discover: [registry], services: {} }));
			const isServed = async () => {
				const [found] = (await server.api<Registries>("/registries")).registries;
				// 503 until each has answered.
				return found?.services.served === count && (await server.get("/readyz?strict").catch(() => "")) !== "";
			};
			await waitUntil("all services are served", isServed, { interval: 250, timeout: 120_000 });
			least = Math.min(least, probe.longest(since));
		}
		return least;
	}

	it("from Consul", async () => {
		await using consul = await FakeConsul.start();
		for (let n = 0; n < SERVICES; n++) {
			consul.replace(nameOf(n), ...Array.from({ length: ENDPOINTS }, (_, i) => `10.${i}.${n >> 8}.${n & 255}:80`));
		}
		const held = await leastHold({ consul: { address: consul.url, maxQueries: 50 } }, "consul:///*", SERVICES);
		expect(held).toBeLessThan(HOLD_MS * SLACK);
	});

	describeEtcd("a real etcd", () => {
		it("from etcd, with 50,000 keys", async () => {
			await using etcd = await Etcd.start();
			const left = Array.from({ length: SERVICES }, (_, n) => n).values();
			const putSome = async () => {
				for (const n of left) {
					for (let i = 0; i < ENDPOINTS; i++) {
						await etcd.put(`services/${nameOf(n)}/${i}`, `10.${i}.${n >> 8}.${n & 255}:80`);
					}
				}
			};
			await Promise.all(Array.from({ length: 20 }, putSome));
			const held = await leastHold({ etcd: { endpoints: [etcd.url] } }, "etcd:///services/*", SERVICES);
			expect(held).toBeLessThan(HOLD_MS * SLACK);
		});
	});
});

interface Registries {
	readonly registries: readonly { readonly services: { readonly served: number } }[];
}
