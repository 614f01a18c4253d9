import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { DEFAULT_TIMING, type EtcdTiming } from "../../../src/providers/etcd/client/etcd-timing.js";
import { etcdOptions } from "../../../src/providers/etcd/etcd-options.js";
import { EtcdProvider } from "../../../src/providers/etcd/etcd-provider.js";
import { Told } from "../dns/told.js";

/** Waits in a fraction of a second; limits that nothing reaches. */
const QUICK: EtcdTiming = { ...DEFAULT_TIMING, ...{ answer: 30_000, check: 30_000, steady: 100, backoff: [20, 100] } };

/** A provider for these servers. */
export function etcdProvider(
	endpoints: readonly string[],
	options: Readonly<Record<string, unknown>> = {},
	timing: Partial<EtcdTiming> = {},
): EtcdProvider {
	return new EtcdProvider(etcdOptions.parse({ endpoints, ...options }), { ...QUICK, ...timing });
}

export interface WatchedKeys extends Disposable {
	readonly told: Told;
	/** Until this is what was told last. */
	is(expected: string | RegExp): Promise<void>;
}

/** Watches until the end of the block. */
export function watching(provider: EtcdProvider, text: string): WatchedKeys {
	const told = new Told();
	const controller = new AbortController();
	provider.watch(parseTarget(text), told, { signal: controller.signal });
	const matches = (expected: string | RegExp, seen = "?") =>
		typeof expected === "string" ? seen === expected : expected.test(seen);
	return {
		told,
		is: async (expected) => {
			const seen = () => Promise.reject(new Error(told.all.slice(-10).join("\n")));
			await waitUntil(`it is told ${expected}`, () => matches(expected, told.last) || seen());
		},
		[Symbol.dispose]: () => controller.abort(),
	};
}
