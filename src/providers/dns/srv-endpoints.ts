import { compareText, DEFAULT_WEIGHT, MAX_PRIORITY } from "../../model/endpoint.js";
import type { SrvRecord } from "./client/look-up.js";

/** One endpoint made of an SRV record and an address of its host. */
export interface SrvEndpoint {
	readonly address: string;
	readonly port: number;
	/** 1–65535. */
	readonly weight: number;
	/** 0–128, without gaps. */
	readonly priority: number;
	readonly record: SrvRecord;
}

/**
 * Each address of each record's host, once (the record of the best priority counts). Priorities
 * become 0, 1, 2, … A weight is the record's own: all 0 within a priority means equal shares, a 0
 * among others the least share.
 */
export function srvEndpoints(
	records: readonly SrvRecord[],
	addressesOf: (host: string) => readonly string[],
): readonly SrvEndpoint[] {
	// Servers rotate their records: the order must not depend on theirs.
	const sorted = [...records].sort(
		(a, b) => a.priority - b.priority || b.weight - a.weight || a.port - b.port || compareText(a.host, b.host),
	);
	const allZero = new Map<number, boolean>();
	for (const { priority, weight } of sorted) {
		allZero.set(priority, (allZero.get(priority) ?? true) && weight === 0);
	}
	const seen = new Set<string>();
	const levels = new Map<number, number>();
	const endpoints: SrvEndpoint[] = [];
	for (const record of sorted) {
		for (const address of addressesOf(record.host)) {
			const { size } = seen;
			if (seen.add(`${address} ${record.port}`).size === size) continue;
			const level = levels.get(record.priority) ?? Math.min(levels.size, MAX_PRIORITY);
			levels.set(record.priority, level);
			const weight = allZero.get(record.priority) ? DEFAULT_WEIGHT : Math.max(1, record.weight);
			endpoints.push({ address, port: record.port, weight, priority: level, record });
		}
	}
	return endpoints;
}
