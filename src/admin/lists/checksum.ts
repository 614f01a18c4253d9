import { createHash } from "node:crypto";
import { compareText } from "../../model/endpoint.js";
import { effectiveTls } from "../../model/traffic/upstream-tls.js";
import type { AdminSources } from "../admin-sources.js";
import { elements, withList } from "../reply.js";
import type { ServiceNames } from "./service-names.js";

/** `GET /api/v1/checksum`: equal on replicas that serve the same, whichever clients they have. */
export interface ChecksumJson {
	readonly services: readonly {
		readonly name: string;
		readonly checksum: string;
		/** When what clients get of it changed last; null where that is not known. */
		readonly since: string | null;
	}[];
	/** Of all of them. */
	readonly checksum: string;
}

/** In pieces: each service is looked at when it is its turn. */
export function* checksumList(sources: AdminSources, all: ServiceNames): Iterable<string> {
	const names = yield* all.inOrder();
	const whole = createHash("sha256");
	const after = { checksum: "" };
	yield* withList({}, "services", elements(each()), after);
	yield "\n";

	function* each(): Iterable<ChecksumJson["services"][number]> {
		for (const name of names) {
			const service = sources.service(name);
			// It may have gone meanwhile.
			if (!service) continue;
			const { protocol, connectTimeout, zones, subset, policies } = service.definition;
			const tls = effectiveTls(service.definition);
			// What is left out is as it is unless given, so that older versions have the same.
			const given = [tls, zones, subset, policies && inOrder(policies)].filter((each) => each !== undefined);
			const parts = [name, service.known, protocol, connectTimeout, sources.versionOf(name), ...given];
			const checksum = hash(JSON.stringify(parts));
			whole.update(`${checksum}\n`);
			const since = sources.history?.changedAt(name);
			yield { name, checksum, since: since === undefined ? null : new Date(since).toISOString() };
		}
		after.checksum = whole.digest("base64url").slice(0, LENGTH);
	}
}

/** Whatever the order in which its keys are written. */
function inOrder(value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map(inOrder);
	return Object.entries(value)
		.sort(([a], [b]) => compareText(a, b))
		.map(([key, each]) => [key, inOrder(each)]);
}

const LENGTH = 22;

function hash(text: string): string {
	return createHash("sha256").update(text).digest("base64url").slice(0, LENGTH);
}
