import type { WrittenSafeguards } from "../../model/keep/safeguards.js";
import type { Policies } from "../../model/policies/policies.js";
import { DEFAULT_CONNECT_TIMEOUT_MS, type Protocol, type ServiceSettings } from "../../model/service.js";
import type { SubsetSettings } from "../../model/traffic/subset.js";
import type { UpstreamTls } from "../../model/traffic/upstream-tls.js";
import type { ZoneSettings } from "../../model/zones/zone-settings.js";
import { WrittenPolicies } from "./written-policies.js";

/** What is written of a service beside where its endpoints are found. */
export interface WrittenSettings extends WrittenSafeguards, Policies {
	readonly protocol?: Protocol | undefined;
	readonly connectTimeout?: number | undefined;
	readonly tls?: UpstreamTls | undefined;
	readonly zones?: ZoneSettings | undefined;
	readonly subset?: SubsetSettings | "off" | undefined;
}

/** Fills in what is not written: from `defaults`, else what holds without a config. */
export class SettingsFiller {
	readonly #defaults: WrittenSettings;
	readonly #policies = new WrittenPolicies();
	readonly #usual: Policies | undefined;

	constructor(defaults: WrittenSettings = {}) {
		this.#defaults = defaults;
		this.#usual = this.#policies.of(defaults, undefined);
	}

	fill(written: WrittenSettings): ServiceSettings {
		const defaults = this.#defaults;
		const tls = written.tls ?? defaults.tls;
		const zones = written.zones ?? defaults.zones;
		const subset = written.subset ?? defaults.subset;
		const guard = written.guard ?? defaults.guard;
		const onFailure = written.onFailure ?? defaults.onFailure;
		const policies = this.#policies.of(written, this.#usual);
		return {
			protocol: written.protocol ?? defaults.protocol ?? "http1",
			connectTimeout: written.connectTimeout ?? defaults.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT_MS,
			...(tls && { tls }),
			...(zones && { zones }),
			...(subset && subset !== "off" && { subset }),
			...(guard && { guard }),
			...(onFailure && { onFailure }),
			...(policies && { policies }),
		};
	}
}
