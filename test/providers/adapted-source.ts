import type { Provider } from "../../src/providers/provider.js";

/** `default`: as users have it, for tests that hold the clock. `quick`: waits in fractions of a second. */
export type Timing = "default" | "quick";

/** A source under a test's control, and a provider that asks it. */
export interface AdaptedSource extends AsyncDisposable {
	/** One provider for the whole test. */
	readonly provider: Provider;
	/** The text of the target of service number n; of all of them the source says nothing yet. */
	target(n: number): string;
	/** The source says that service n has exactly these endpoints, as `127.0.0.1:80`; once it has resolved, it says so. */
	set(n: number, addresses: readonly string[]): void | Promise<void>;
	/** From now on all that is asked of it fails. */
	fail?(): void | Promise<void>;
	/** From now on it neither answers nor says anything, and closes nothing. */
	fallSilent?(): void | Promise<void>;
	/** The end of `fail` or `fallSilent`. */
	recover?(): void | Promise<void>;
	/** How often it was asked so far. */
	requests?(): number;
	/** Connections that are open at the source. */
	open?(): number | Promise<number>;
}

/** What some kinds of source cannot do or do not know. */
export type Ability =
	/** A service's endpoints can change. */
	| "change"
	/** It can say that a service has none. */
	| "empty"
	/** It can say that there is no such service. */
	| "missing"
	/** It can fail. */
	| "failure"
	/** It is reached by a connection that can die. */
	| "silence"
	/** It is asked again and again. */
	| "requests";

/** How the suite runs a provider. */
export interface ProviderAdapter {
	start(timing: Timing): Promise<AdaptedSource>;
	/** A target that the provider cannot serve. */
	readonly invalid: string;
	/** What the source cannot do, each with the reason. */
	readonly lacks?: Partial<Record<Ability, string>>;
	/** Whether tests can hold the clock; true unless a library has a clock of its own. */
	readonly holdsClock?: boolean;
}
