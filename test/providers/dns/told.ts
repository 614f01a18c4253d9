import { addressOf, type Endpoint } from "../../../src/model/endpoint.js";
import { parseTarget, type Target } from "../../../src/model/target.js";
import { dnsKind } from "../../../src/providers/dns/dns-kind.js";
import type { DnsOptions } from "../../../src/providers/dns/dns-options.js";
import { DnsProvider } from "../../../src/providers/dns/dns-provider.js";
import type { AnswerDetails, TargetObserver } from "../../../src/providers/provider.js";
import type { FingerpostError } from "../../../src/util/errors.js";

/** What an observer was told, newest last. */
export class Told implements TargetObserver {
	/** Lists as `address:port address:port`, failures as `!message`. */
	readonly all: string[] = [];
	/** When, by performance.now(). */
	readonly times: number[] = [];
	list: readonly Endpoint[] = [];
	details: AnswerDetails | undefined;

	endpoints(list: readonly Endpoint[], details?: AnswerDetails): void {
		this.list = list;
		this.details = details;
		this.#note(list.map(addressOf).join(" "));
	}

	failed(error: FingerpostError): void {
		this.#note(`!${error.message}`);
	}

	get last(): string | undefined {
		return this.all.at(-1);
	}

	#note(text: string): void {
		this.all.push(text);
		this.times.push(performance.now());
	}
}

export interface Watched extends Disposable {
	readonly told: Told;
	readonly target: Target;
	abort(): void;
}

/** Options as in a config, and with them a provider. */
export function dnsProvider(options: Readonly<Record<string, unknown>> = {}): DnsProvider {
	return new DnsProvider(dnsOptions(options));
}

export function dnsOptions(options: Readonly<Record<string, unknown>> = {}): DnsOptions {
	// What the machine's own file says is no matter of the tests.
	return dnsKind.options.parse({ hosts: "off", ...options });
}

/** Watches until the end of the block. */
export function watching(provider: DnsProvider, text: string, known?: readonly Endpoint[]): Watched {
	const told = new Told();
	const target = parseTarget(text);
	const controller = new AbortController();
	const abort = () => controller.abort();
	provider.watch(target, told, { signal: controller.signal, ...(known && { known }) });
	return { told, target, abort, [Symbol.dispose]: abort };
}
