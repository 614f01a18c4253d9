import type { Config } from "../config/config.js";
import type { LogMessage } from "./log/messages.js";

/** A key whose new value is not used before the next start, and what to tell of it. */
export interface NeedsRestart {
	readonly key: string;
	readonly message: Extract<LogMessage, `${string} at the next start${string}`>;
}

/** What a reload from the one config to the other leaves as it was. */
export function needingRestart(before: Config, after: Config): readonly NeedsRestart[] {
	const listening = "a changed address to listen on takes effect at the next start";
	const ttl = "a changed time to live takes effect at the next start; to end it, start once with 0s";
	const rest = "changed settings of REST take effect at the next start";
	const health = "changed settings of the health port take effect at the next start";
	const security = "changed settings of TLS or of who may ask take effect at the next start";
	const streams = "a changed limit takes effect at the next start";
	const changes: readonly (readonly [
		key: string,
		before: unknown,
		after: unknown,
		message: NeedsRestart["message"],
	])[] = [
		["xds.listen", before.xds.listen, after.xds.listen, listening],
		["admin.listen", before.admin.listen, after.admin.listen, listening],
		["admin.health", [before.admin.health, before.admin.metrics], [after.admin.health, after.admin.metrics], health],
		["xds.also", before.xds.also ?? [], after.xds.also ?? [], listening],
		["xds.tls", before.xds.tls, after.xds.tls, security],
		["xds.tokens", before.xds.tokens, after.xds.tokens, security],
		["admin.tls", before.admin.tls, after.admin.tls, security],
		["admin.tokens", before.admin.tokens, after.admin.tokens, security],
		["admin.hosts", before.admin.hosts, after.admin.hosts, security],
		["admin.socketMode", before.admin.socketMode, after.admin.socketMode, security],
		["xds.ttl", before.xds.ttl, after.xds.ttl, ttl],
		[
			"state.directory",
			before.state?.directory,
			after.state?.directory,
			"a changed directory takes effect at the next start",
		],
		["xds.cluster", before.xds.cluster, after.xds.cluster, "a changed name takes effect at the next start"],
		["xds.rest", before.xds.rest, after.xds.rest, rest],
		[
			"xds.limits.streamsPerConnection",
			before.xds.limits.streamsPerConnection,
			after.xds.limits.streamsPerConnection,
			streams,
		],
	];
	return changes
		.filter(([, old, now]) => JSON.stringify(old) !== JSON.stringify(now))
		.map(([key, , , message]) => ({ key, message }));
}
