import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import type { Provider, TargetObserver } from "../provider.js";
import { invalidTarget, readOrThrow } from "../read-target.js";
import { readStaticTarget } from "./static-target.js";

/**
 * `static://host:port`, plain `host:port`, `http://host[:port]`, `https://host[:port]`: the one
 * endpoint that the target itself names.
 */
export class StaticProvider implements Provider {
	async discover(target: Target, { signal }: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		signal.throwIfAborted();
		return [readOrThrow(target, readStaticTarget)];
	}

	watch(target: Target, observer: TargetObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const read = readStaticTarget(target);
		if (typeof read === "string") observer.failed(invalidTarget(target, read));
		else observer.endpoints([read]);
	}
}
