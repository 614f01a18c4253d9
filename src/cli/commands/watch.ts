import { endpointJson } from "../../admin/admin-json.js";
import { addressOf, DEFAULT_WEIGHT, type Endpoint, readyEndpoints } from "../../model/endpoint.js";
import { changeTexts } from "../../model/endpoint-diff.js";
import type { WatchEvent } from "../../providers/watch/watch-events.js";
import { MAX_DURATION_MS } from "../../util/duration.js";
import { cleanJson } from "../../util/text/clean-text.js";
import type { CliIo } from "../cli-io.js";
import { commandRegistry } from "../command-registry.js";
import { interruptSignal } from "../output/interrupt-signal.js";
import { printable } from "../output/table.js";

export interface WatchCommandOptions {
	/** The config file whose settings of providers hold, and whose services can be named. */
	readonly config?: string;
	readonly output: "text" | "json";
}

/** Of more endpoints than this a line only tells how many there are. */
const MAX_SHOWN = 20;

/**
 * Prints a line for each change of a target's endpoints, the present ones first, until SIGINT, SIGTERM or the end of
 * whoever reads it. Failures of the source go to stderr, once each.
 * @throws InvalidTarget, UnsupportedScheme, InvalidConfig
 */
export async function watch(target: string, { config, output }: WatchCommandOptions, io: CliIo): Promise<number> {
	using interrupt = interruptSignal();
	const registry = await commandRegistry(config, io);
	const signal = AbortSignal.any([interrupt.signal, io.closed]);
	const onError = ({ message }: Error) => io.stderr.write(`error: ${message}\n`);
	const text =
		output === "json"
			? (...of: Parameters<typeof eventJson>) => cleanJson(JSON.stringify(eventJson(...of)))
			: eventText;
	// A source that holds nothing open, such as a static one, would else let the process end.
	const alive = setInterval(() => {}, MAX_DURATION_MS);
	try {
		for await (const event of registry.watch(target, { signal, onError })) {
			io.stdout.write(`${text(event, new Date())}\n`);
		}
	} finally {
		clearInterval(alive);
	}
	return 0;
}

function eventJson({ type, endpoints, added, removed, changed, notes }: WatchEvent, at: Date): object {
	return {
		at: at.toISOString(),
		type,
		endpoints: endpoints.map((each) => endpointJson(each)),
		added: added.map((each) => endpointJson(each)),
		removed: removed.map((each) => endpointJson(each)),
		changed: changed.map((each) => endpointJson(each)),
		notes,
	};
}

/** `2026-11-24T12:00:00.000Z update, 2 of 2 endpoints ready: +10.0.0.3:80, ~10.0.0.1:80 weight 100 -> 50`. */
export function eventText(
	{ type, endpoints, added, removed, changed, changedFrom, notes }: WatchEvent,
	at: Date,
): string {
	const ready = `${readyEndpoints(endpoints).length} of ${endpoints.length} endpoints ready`;
	const changes = [
		...shown("+", added, (e) => addressOf(e) + inBrackets(unusual(e))),
		...shown("-", removed, addressOf),
		...texts("~", changeTexts({ changed, changedFrom })),
	];
	const what = changes.length > 0 ? `: ${changes.join(", ")}` : "";
	const why = notes.length > 0 ? `; ${notes.join("; ")}` : "";
	return printable(`${at.toISOString()} ${type}, ${ready}${what}${why}`);
}

function shown(sign: string, list: readonly Endpoint[], text: (e: Endpoint) => string): string[] {
	const first = list.slice(0, MAX_SHOWN).map((e) => sign + text(e));
	return list.length > MAX_SHOWN ? [...first, `${sign}${list.length - MAX_SHOWN} more`] : first;
}

function texts(sign: string, all: readonly string[]): string[] {
	const first = all.slice(0, MAX_SHOWN).map((text) => sign + text);
	return all.length > MAX_SHOWN ? [...first, `${sign}${all.length - MAX_SHOWN} more`] : first;
}

function unusual({ health, weight, priority }: Endpoint): string[] {
	return [
		...(health === "healthy" || health === "unknown" ? [] : [health]),
		...(weight === DEFAULT_WEIGHT ? [] : [`weight ${weight}`]),
		...(priority === 0 ? [] : [`priority ${priority}`]),
	];
}

function inBrackets(parts: readonly string[]): string {
	return parts.length > 0 ? ` (${parts.join(", ")})` : "";
}
