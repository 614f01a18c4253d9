import { zoneKey, zoneOf } from "../model/zones/zone.js";
import type { ZoneDemand } from "../model/zones/zone-balance.js";
import { SourceFailed } from "../util/errors.js";

/** What a replica says of its clients. */
export interface ReplicaAnswer {
	readonly replica: string;
	readonly version: number;
	/** What has changed since that version; everything where it is 0. */
	readonly since: number;
	/** Each zone once. */
	readonly services: ReadonlyMap<string, readonly ZoneDemand[]>;
}

/** Bytes of an answer. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_SERVICES = 100_000;
/** Of a service in a zone, at one replica. */
const MAX_CLIENTS = 1_000_000;
const MAX_NAME = 253;
const ID = /^[\w-]{1,64}$/;

/**
 * Reads what a replica answers.
 * @param maxZones so many it may name.
 * @throws SourceFailed for anything that no replica says.
 */
export function readAnswer(text: string, maxZones: number): ReplicaAnswer {
	const json = parsed(text);
	const { replica, version, since, services } = json;
	if (typeof replica !== "string" || !ID.test(replica)) throw strange("replica is no id");
	if (!isNumber(version, Number.MAX_SAFE_INTEGER) || !isNumber(since, version)) throw strange("version is no number");
	if (!Array.isArray(services)) throw strange("services is no list");
	if (services.length > MAX_SERVICES) throw strange(`it names more than ${MAX_SERVICES} services`);
	const found = new Map<string, readonly ZoneDemand[]>();
	const named = new Set<string>();
	for (const each of services as readonly Partial<{ name: unknown; zones: unknown }>[]) {
		const name = each?.name;
		if (typeof name !== "string" || name === "" || name.length > MAX_NAME) throw strange("a service has no name");
		found.set(name, zonesOf(each.zones, named));
		if (named.size > maxZones) throw strange(`it names more than ${maxZones} zones, as xds.limits.zones allows`);
	}
	return { replica, version, since, services: found };
}

/** @param named gets those that were not named yet. */
function zonesOf(written: unknown, named: Set<string>): readonly ZoneDemand[] {
	if (!Array.isArray(written)) throw strange("the zones of a service are no list");
	const zones = new Map<string, ZoneDemand>();
	for (const each of written as readonly Partial<{ region: unknown; zone: unknown; clients: unknown }>[]) {
		const { region, zone: name, clients } = each ?? {};
		const zone = typeof region === "string" && typeof name === "string" ? zoneOf({ region, zone: name }) : undefined;
		if (!zone) throw strange("a zone has no name");
		if (!isNumber(clients, MAX_CLIENTS)) throw strange(`the clients of a zone are no number up to ${MAX_CLIENTS}`);
		const key = zoneKey(zone);
		if (zones.has(key)) throw strange("a service has a zone twice");
		named.add(key);
		zones.set(key, { ...zone, clients });
	}
	return [...zones.values()];
}

function parsed(text: string): Readonly<Record<string, unknown>> {
	try {
		const json: unknown = JSON.parse(text);
		if (typeof json === "object" && json !== null) return json as Record<string, unknown>;
	} catch {
		// Told below.
	}
	throw strange("it is no JSON object");
}

function isNumber(value: unknown, most: number): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function strange(why: string): SourceFailed {
	return new SourceFailed(`what it answers is not of a Fingerpost: ${why}`);
}
