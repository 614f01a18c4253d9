import type { Config } from "../../config/config.js";
import { DefaultFindings } from "../../config/policies/default-findings.js";
import type { Finding } from "../../input/problem.js";
import type { ServiceDefinition } from "../../model/service.js";
import { policyNotes } from "../../resources/policies/policy-notes.js";

export interface PolicyNotes {
	readonly notes: readonly { readonly service: string; readonly note: string }[];
	/** Of keys that stand in the defaults, once each. */
	readonly ofDefaults: readonly Finding[];
}

/** What clients do not get of what is said of the services and of whole registries. */
export function findPolicyNotes({ services, discover = [], defaults = {} }: Config): PolicyNotes {
	const notes: { readonly service: string; readonly note: string }[] = [];
	const ofDefaults = new DefaultFindings();
	const look = (definition: ServiceDefinition, who: string) => {
		for (const { key, text } of policyNotes(definition)) {
			const isOwn = defaults[key] === undefined || definition.policies?.[key] !== defaults[key];
			if (isOwn) notes.push({ service: definition.name, note: text });
			else ofDefaults.add({ path: ["defaults", key], at: "key", message: text }, who);
		}
	};
	for (const [name, definition] of services) look(definition, `service ${JSON.stringify(name)}`);
	for (const { target, settings } of discover) look({ ...settings, name: target.text, targets: [] }, target.text);
	return { notes, ofDefaults: ofDefaults.all() };
}
