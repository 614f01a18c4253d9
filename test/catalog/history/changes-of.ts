import type { Change } from "../../../src/catalog/history/change.js";
import { type Endpoint, endpoint } from "../../../src/model/endpoint.js";

/** An endpoint of that number. */
export function numbered(n: number, more: Partial<Endpoint> = {}): Endpoint {
	return endpoint({ address: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, port: 80, ...more });
}

/** As many endpoints, each another one. */
export function endpoints(count: number, first = 0): readonly Endpoint[] {
	return Array.from({ length: count }, (_, i) => numbered(first + i));
}

/** The change of that time; nothing was added, removed or changed unless given. */
export function changeAt(at: number, more: Partial<Change> = {}): Change {
	return { at, version: `v${at}`, target: "", added: [], removed: [], changed: [], changedFrom: [], ...more };
}
