/** What can become of a source, in the words of the table in docs/reliability.md. */
export const FAULTS = [
	"away at start",
	"refused",
	"hangs",
	"errors",
	"empty",
	"blank",
	"half",
	"garbage",
	"credentials revoked",
	"comes back changed",
] as const;

export type Fault = (typeof FAULTS)[number];

/** A source that one service is found by, and that one thing happens to. */
export interface FaultySource extends AsyncDisposable {
	/** Of a provider's instance, whose name is the scheme of the target. */
	readonly settings: Readonly<Record<string, unknown>>;
	/** What the name of the instance must end with. */
	readonly suffix?: string;
	/** The target behind `scheme:`, as `///web`. */
	readonly target: string;
	/** Requests, questions or connections so far. */
	readonly asked: number;
	/** What the source has; while it is broken, what it will have. All have one port: `127.0.0.1:PORT`, … */
	set(addresses: readonly string[]): Promise<void>;
	/** The fault begins. */
	begin(): Promise<void>;
	/** It is over. */
	end(): Promise<void>;
}

/** What the sources of a provider share, such as one real server. */
export interface FaultySources extends AsyncDisposable {
	/** @param name of letters and dashes, no other's. */
	source(name: string, fault: Fault): Promise<FaultySource>;
}

/** A provider that is tried. */
export interface FaultRow {
	/** The column of the table; a provider has two where it follows in two ways. */
	readonly name: string;
	/** Of the provider's kind. */
	readonly type: string;
	/** Programs without which it cannot be tried. */
	readonly programs: readonly string[];
	start(): Promise<FaultySources>;
}

/** As a part of names. */
export function slugOf(fault: Fault): string {
	return fault.replaceAll(" ", "-");
}
