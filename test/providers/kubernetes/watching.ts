import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget, type Target } from "../../../src/model/target.js";
import { DEFAULT_TIMING, type KubernetesTiming } from "../../../src/providers/kubernetes/api/kubernetes-timing.js";
import { type KubernetesOptions, kubernetesOptions } from "../../../src/providers/kubernetes/kubernetes-options.js";
import { KubernetesProvider } from "../../../src/providers/kubernetes/kubernetes-provider.js";
import type { Provider } from "../../../src/providers/provider.js";
import { Told } from "../dns/told.js";

/** Waits in a fraction of a second; limits that nothing reaches, be the machine as busy as it may. */
export const QUICK: KubernetesTiming = {
	...DEFAULT_TIMING,
	...{ head: 30_000, watch: [1_000, 1_000], overtime: 30_000, steady: 150, backoff: [20, 100] },
};

export interface Watched extends Disposable {
	readonly told: Told;
	readonly target: Target;
	abort(): void;
}

/** Options as in a config. */
export function options(given: Readonly<Record<string, unknown>> = {}): KubernetesOptions {
	return kubernetesOptions.parse(given);
}

/** A provider for the API server at this URL. */
export function kubernetesProvider(
	server: string,
	given: Readonly<Record<string, unknown>> = {},
	timing: Partial<KubernetesTiming> = {},
): KubernetesProvider {
	// The fake servers speak plain HTTP.
	return new KubernetesProvider(options({ server, insecure: true, ...given }), { timing: { ...QUICK, ...timing } });
}

/** Watches until the end of the block. */
export function watching(provider: Provider, text: string): Watched {
	const told = new Told();
	const target = parseTarget(text);
	const controller = new AbortController();
	const abort = () => controller.abort();
	provider.watch(target, told, { signal: controller.signal });
	return { told, target, abort, [Symbol.dispose]: abort };
}

/** Until this is what was told last. */
export async function toldLast({ told }: Watched, expected: string | RegExp): Promise<void> {
	const matches = (text = "?") => (typeof expected === "string" ? text === expected : expected.test(text));
	const seen = () => Promise.reject(new Error(told.all.join("\n")));
	await waitUntil(`it is told ${expected}`, () => matches(told.last) || seen());
}
