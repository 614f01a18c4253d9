import type { AccessRule, DebugAccess, Denial } from "../../model/access/access-rule.js";
import { AccessRules } from "./access-rules.js";
import { DebugRules } from "./debug-rules.js";

/** What a config says of who may see what. */
export interface AccessSettings {
	readonly access?: readonly AccessRule[] | undefined;
	readonly denied?: Denial | undefined;
	readonly debug?: DebugAccess | undefined;
}

/** Who may see what, and who may look at others. It does not change: other settings are another object. */
export class Access {
	readonly rules: AccessRules;
	readonly debug: DebugRules;

	/** @param before rules that have not changed are taken over, so that no stream has to look at them. */
	constructor(settings: AccessSettings = {}, before?: Access) {
		const { access, denied, debug } = settings;
		this.#written = JSON.stringify([access, denied]);
		this.rules = before && before.#written === this.#written ? before.rules : new AccessRules(access, denied);
		this.debug = new DebugRules(debug);
	}

	readonly #written: string;
}
