// @ts-check

/**
 * `12s`, `4m`, `3h`, `9d`; empty for no time.
 * @param {string | null | undefined} time ISO 8601
 * @param {number} [now] milliseconds since 1970
 */
export function age(time, now = Date.now()) {
	return time ? span((now - Date.parse(time)) / 1_000) : "";
}

/** @param {number} seconds */
export function span(seconds) {
	const whole = Math.max(0, Math.floor(seconds));
	if (whole < 120) return `${whole}s`;
	if (whole < 7_200) return `${Math.floor(whole / 60)}m`;
	if (whole < 172_800) return `${Math.floor(whole / 3_600)}h`;
	return `${Math.floor(whole / 86_400)}d`;
}

/**
 * How long it took, as `43 ms` or `2.1 s`.
 * @param {string} from ISO 8601
 * @param {string} to
 */
export function took(from, to) {
	const ms = Math.max(0, Date.parse(to) - Date.parse(from));
	return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** @param {number} share from 0 to 1 */
export function percent(share) {
	const value = share * 100;
	return `${value === 0 || value >= 10 ? Math.round(value) : Number(value.toPrecision(2))} %`;
}

/** @param {{region: string, zone: string, subZone: string} | null | undefined} locality */
export function localityText(locality) {
	if (!locality) return "";
	return [locality.region, locality.zone, locality.subZone].join("/").replace(/\/+$/, "");
}

/** @param {string} host an IPv6 address is put in brackets @param {number} port */
export function hostPort(host, port) {
	return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** @param {number} count @param {string} one @param {string} [many] */
export function counted(count, one, many = `${one}s`) {
	return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/**
 * What a list of the server is searched by: a part of a name, or a pattern with `*`.
 * @param {string} text
 */
export function pattern(text) {
	return text.includes("*") ? text : `*${text}*`;
}

/**
 * A place of the page: `#/services/shop%2Fweb?after=a`.
 * @param {string} hash
 * @returns {{view: string, name: string, query: URLSearchParams}} `name` is decoded; as it stands where it cannot be
 */
export function readHash(hash) {
	const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
	const slash = path.indexOf("/");
	const view = slash < 0 ? path : path.slice(0, slash);
	let name = slash < 0 ? "" : path.slice(slash + 1);
	try {
		name = decodeURIComponent(name);
	} catch {
		// A broken escape is shown as it stands: no such name is found then.
	}
	return { view, name, query: new URLSearchParams(query) };
}

/** @param {string} view @param {string} [name] @param {Record<string, string>} [query] what is empty is left out */
export function hashOf(view, name = "", query = {}) {
	const given = Object.entries(query).filter(([, value]) => value !== "");
	const search = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
	return `#/${view}${name === "" ? "" : `/${encodeURIComponent(name)}`}${search}`;
}

/**
 * How a type of a client stands: the word of its cell.
 * @param {{nacked: object | null, asksNothing: boolean, missing?: readonly string[], counts?: {missing: number}, synced: boolean, acked: {at: string} | null, sent: {at: string} | null}} type
 * @param {number} [now] milliseconds since 1970
 * @returns {"rejected" | "asks nothing" | "missing" | "synced" | "stale" | "sending"}
 */
export function typeState(type, now = Date.now()) {
	if (type.nacked) return "rejected";
	if (type.asksNothing) return "asks nothing";
	if ((type.counts?.missing ?? type.missing?.length ?? 0) > 0) return "missing";
	if (type.synced) return "synced";
	// What was sent and is not acknowledged for so long has been forgotten by the client.
	return type.sent && now - Date.parse(type.sent.at) > STALE_MS ? "stale" : "sending";
}

const STALE_MS = 10_000;
