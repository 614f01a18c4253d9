import { mergeEndpoints } from "../../catalog/merge.js";
import { targetSettings } from "../../catalog/target-settings.js";
import type { Config } from "../../config/config.js";
import { addressOf, compareText, type Endpoint } from "../../model/endpoint.js";
import { changeTexts, diffEndpoints } from "../../model/endpoint-diff.js";
import { metadataTexts } from "../../model/metadata.js";
import type { ServiceDefinition, ServiceTarget } from "../../model/service.js";
import { effectiveTls, sameTls } from "../../model/traffic/upstream-tls.js";
import { DEFAULT_ZONES } from "../../model/zones/zone-settings.js";
import { staticKind } from "../../providers/static/static-kind.js";
import { readStaticTarget } from "../../providers/static/static-target.js";
import { formatDuration } from "../../util/duration.js";
import { policyTexts } from "./policy-texts.js";

/** What clients would be sent, or would lose, when one config follows another. */
export interface ConfigDiff {
	readonly added: readonly DiffedService[];
	readonly removed: readonly DiffedService[];
	readonly changed: readonly ChangedService[];
	/** Providers with other settings: their targets are asked anew. */
	readonly providers: readonly string[];
}

export interface DiffedService {
	readonly name: string;
	/** What is written out in the config, by `static` targets too. */
	readonly endpoints: readonly string[];
	/** Targets whose endpoints a source says. */
	readonly targets: readonly string[];
}

export interface ChangedService {
	readonly name: string;
	/** `protocol http1 -> grpc`: the cluster that is sent anew. */
	readonly cluster: readonly string[];
	readonly endpoints: {
		readonly added: readonly string[];
		readonly removed: readonly string[];
		/** `127.0.0.1:8082 weight 50 -> 0` */
		readonly changed: readonly string[];
	};
	readonly targets: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

/** Compares by content: what is only written in another way is the same. Nothing is asked of any source. */
export function diffConfigs(before: Config, after: Config): ConfigDiff {
	const [old, now] = [before.services, after.services];
	const names = [...new Set([...old.keys(), ...now.keys()])].sort(compareText);
	const [added, removed, changed]: [DiffedService[], DiffedService[], ChangedService[]] = [[], [], []];
	for (const name of names) {
		const [was, is] = [old.get(name), now.get(name)];
		if (!was && is) added.push(whole(is));
		else if (was && !is) removed.push(whole(was));
		else if (was && is) {
			const difference = changeOf(was, is);
			if (difference) changed.push(difference);
		}
	}
	return { added, removed, changed, providers: changedProviders(before, after) };
}

/** Whether clients would be sent the same. */
export function isSame({ added, removed, changed, providers }: ConfigDiff): boolean {
	return added.length + removed.length + changed.length + providers.length === 0;
}

function whole(service: ServiceDefinition): DiffedService {
	return { name: service.name, endpoints: writtenEndpoints(service).map(addressOf), targets: [...asked(service)] };
}

function changeOf(was: ServiceDefinition, is: ServiceDefinition): ChangedService | undefined {
	const cluster = [
		...(was.protocol === is.protocol ? [] : [`protocol ${was.protocol} -> ${is.protocol}`]),
		...(was.connectTimeout === is.connectTimeout
			? []
			: [`connectTimeout ${formatDuration(was.connectTimeout)} -> ${formatDuration(is.connectTimeout)}`]),
		...(zonesText(was) === zonesText(is) ? [] : [`zones ${zonesText(was)} -> ${zonesText(is)}`]),
		...(was.subset?.size === is.subset?.size ? [] : [`subset ${subsetText(was)} -> ${subsetText(is)}`]),
		...(sameTls(was, is) ? [] : [`tls ${tlsText(was)} -> ${tlsText(is)}`]),
		...policyTexts(was.policies, is.policies),
	];
	const difference = diffEndpoints(writtenEndpoints(was), writtenEndpoints(is));
	const endpoints = {
		added: difference.added.map(addressOf),
		removed: difference.removed.map(addressOf),
		changed: changeTexts(difference),
	};
	const [before, after] = [asked(was), asked(is)];
	const targets = {
		added: [...after].filter((each) => !before.has(each)),
		removed: [...before].filter((each) => !after.has(each)),
	};
	const count = [cluster, ...Object.values(endpoints), ...Object.values(targets)].flat().length;
	return count === 0 ? undefined : { name: is.name, cluster, endpoints, targets };
}

function subsetText({ subset }: ServiceDefinition): string {
	return subset ? `size ${subset.size}` : "off";
}

/** `off`, or `local, minEndpoints 2`. */
function zonesText({ zones = DEFAULT_ZONES }: ServiceDefinition): string {
	return zones.mode === "off" ? "off" : `local, minEndpoints ${zones.minEndpoints}`;
}

/** `off`, or what is said of it: `ca system, sni web.internal, subjectAltNames web.internal`. */
function tlsText(service: ServiceDefinition): string {
	const tls = effectiveTls(service);
	if (!tls) return "off";
	const { ca, sni, subjectAltNames, clientCertificate } = tls;
	return [
		`ca ${ca}`,
		...(sni === undefined ? [] : [`sni ${sni}`]),
		`subjectAltNames ${subjectAltNames.join(" ")}`,
		...(clientCertificate ? [`clientCertificate ${Object.values(clientCertificate).join(" ")}`] : []),
	].join(", ");
}

/** The endpoints that the config itself says, as clients get them. */
function writtenEndpoints({ endpoints = [], targets }: ServiceDefinition): readonly Endpoint[] {
	const settings = targetSettings(targets);
	const contributions = [
		{ target: "inline", priority: 0, endpoints },
		...targets.flatMap((each, i) => {
			const { target, priority } = each;
			const read = isStatic(each) ? readStaticTarget(target) : "";
			const found = typeof read === "string" ? [] : (settings[i]?.of([read], true) ?? []);
			return found.length > 0 ? [{ target: target.text, priority, endpoints: found }] : [];
		}),
	];
	return mergeEndpoints(contributions).endpoints;
}

/** The targets that a source is asked for, with what is said of them. */
function asked({ targets }: ServiceDefinition): ReadonlySet<string> {
	return new Set(targets.filter((each) => !isStatic(each)).map(targetText));
}

/** `k8s:///shop/web:http (priority 1, weight 10)` */
function targetText({ target, priority, weight, health, locality, metadata = {} }: ServiceTarget): string {
	const said = [
		...(priority === 0 ? [] : [`priority ${priority}`]),
		...(weight === undefined ? [] : [`weight ${weight}`]),
		...(health === undefined ? [] : [`health ${health}`]),
		...Object.entries(locality ?? {}).map(([key, value]) => `${key} ${value}`),
		...metadataTexts(metadata),
	];
	return said.length === 0 ? target.text : `${target.text} (${said.join(", ")})`;
}

function isStatic({ target }: ServiceTarget): boolean {
	return staticKind.schemes.includes(target.scheme);
}

function changedProviders(before: Config, after: Config): readonly string[] {
	const names = new Set([...before.providers.keys(), ...after.providers.keys()]);
	const text = (config: Config, name: string) => {
		const settings = config.providers.get(name);
		return settings && JSON.stringify([settings.kind.type, settings.options]);
	};
	return [...names].filter((name) => text(before, name) !== text(after, name)).sort(compareText);
}
