import { ClientResourceStatus as ClientSide } from "../../gen/envoy/admin/v3/config_dump_shared.js";
import { Node } from "../../gen/envoy/config/core/v3/base.js";
import {
	type ClientConfig,
	type ClientConfig_GenericXdsConfig as GenericXdsConfig,
	ConfigStatus as ServerSide,
} from "../../gen/envoy/service/status/v3/csds.js";
import { compareText } from "../../model/endpoint.js";
import type { EncodedResource } from "../../resources/encoded-resource.js";
import type { Subscription } from "../protocol/subscription/subscription.js";

type AnySubscription = Pick<Subscription<never>, "stream" | "wildcard" | "names" | "isDueFor">;

/** A stream, as far as its status goes. */
export interface StatusSource {
	readonly id: number;
	/** Undefined until the first request has come. */
	readonly node: Node | undefined;
	readonly session: { readonly subscriptions: Iterable<AnySubscription> };
}

/** How much an answer may still hold, in bytes, by an estimate that is not too low. */
export interface Budget {
	left: number;
}

/** What an entry takes besides texts and content. */
const ENTRY_BYTES = 150;
/** UTF-8 takes up to three for each of a string's units. */
const BYTES_PER_UNIT = 3;

/**
 * All that a stream wants, and what became of it.
 * @returns undefined if that is more than the budget has.
 */
export function clientConfig(source: StatusSource, contents: boolean, budget: Budget): ClientConfig | undefined {
	const { id, node, session } = source;
	const genericXdsConfigs: GenericXdsConfig[] = [];
	// By this, tools that print many clients tell them apart.
	const clientScope = `${node?.id ?? ""} stream ${id}`;
	budget.left -= ENTRY_BYTES + BYTES_PER_UNIT * clientScope.length;
	if (node) budget.left -= Node.encode(node).finish().byteLength;
	for (const subscription of session.subscriptions) {
		const look = observer(subscription);
		for (const name of wantedNames(subscription)) {
			const { entry, resource } = look(name);
			const units = name.length + (entry.errorState?.details.length ?? 0);
			budget.left -= ENTRY_BYTES + BYTES_PER_UNIT * units + (contents ? (resource?.value.byteLength ?? 0) : 0);
			if (budget.left < 0) return undefined;
			if (contents && resource) entry.xdsConfig = { typeUrl: subscription.stream.set.type.url, value: resource.value };
			genericXdsConfigs.push(entry);
		}
	}
	genericXdsConfigs.sort((a, b) => compareText(a.typeUrl, b.typeUrl) || compareText(a.name, b.name));
	return budget.left < 0 ? undefined : { node, xdsConfig: [], genericXdsConfigs, clientScope };
}

/** The names that were given, and those that the wildcard stands for. */
function* wantedNames(subscription: AnySubscription): Iterable<string> {
	const named = new Set(subscription.names());
	yield* named;
	if (!subscription.wildcard) return;
	for (const { name } of subscription.stream.set.listed()) if (!named.has(name)) yield name;
}

interface Observed {
	readonly entry: GenericXdsConfig;
	/** What the entry is about; what the client rejected, where it did. */
	readonly resource: EncodedResource | undefined;
}

function observer(subscription: AnySubscription): (name: string) => Observed {
	const { set, log, nacks } = subscription.stream;
	const { nack } = nacks;
	const inFlight = log.inFlightNames();
	const rejected = new Set(nack?.resources);
	const quarantined = new Map([...set.quarantined()].map(({ resource }) => [resource.name, resource]));
	return (name) => {
		const isRejected = nack !== null && rejected.has(name);
		const resource = (isRejected && quarantined.get(name)) || set.get(name);
		const [configStatus, clientStatus] = statusOf();
		const last = configStatus === ServerSide.SYNCED ? log.acked : log.sent;
		const entry: GenericXdsConfig = {
			typeUrl: set.type.url,
			name,
			versionInfo: resource?.version ?? "",
			lastUpdated: configStatus === ServerSide.NOT_SENT ? undefined : last?.at,
			configStatus,
			clientStatus,
			isStaticResource: false,
		};
		if (isRejected)
			entry.errorState = { lastUpdateAttempt: nack.at, details: nack.error, versionInfo: resource?.version ?? "" };
		return { entry, resource };

		function statusOf(): readonly [ServerSide, ClientSide] {
			if (isRejected) return [ServerSide.ERROR, ClientSide.NACKED];
			if (!resource) {
				const exists = set.isAwaited(name);
				return [ServerSide.NOT_SENT, exists ? ClientSide.REQUESTED : ClientSide.DOES_NOT_EXIST];
			}
			if (subscription.isDueFor(name)) return [ServerSide.NOT_SENT, ClientSide.REQUESTED];
			return inFlight.has(name) ? [ServerSide.STALE, ClientSide.UNKNOWN] : [ServerSide.SYNCED, ClientSide.ACKED];
		}
	};
}
