import { ClientResourceStatus as ClientSide } from "../../gen/envoy/admin/v3/config_dump_shared.js";
import { Node } from "../../gen/envoy/config/core/v3/base.js";
import {
	type ClientConfig,
	type ClientConfig_GenericXdsConfig as GenericXdsConfig,
	ConfigStatus as ServerSide,
} from "../../gen/envoy/service/status/v3/csds.js";
import { compareText } from "../../model/endpoint.js";
import type { EncodedResource } from "../../resources/encoded-resource.js";
import { atOnce, type Steps } from "../../util/steps.js";
import type { Subscription } from "../protocol/subscription/subscription.js";

type AnySubscription = Pick<Subscription<never>, "stream" | "wildcard" | "names" | "isDueFor">;

/** A stream, as far as its status goes. */
export interface StatusSource {
	readonly id: number;
	/** Undefined until the first request has come. */
	readonly node: Node | undefined;
	readonly session: { readonly subscriptions: Iterable<AnySubscription> };
}

/** Bytes that an answer may still take, by an estimate that is never too low. */
export interface Budget {
	left: number;
}

/** Bytes of an entry without its texts and content. */
const ENTRY_BYTES = 150;
/** A UTF-16 code unit takes up to three bytes of UTF-8. */
const BYTES_PER_UNIT = 3;
/** Entries that are made in one step. */
const ENTRIES_A_STEP = 128;

/**
 * All that a stream subscribes to, with its status.
 * @returns undefined if that exceeds the budget.
 */
export function* clientConfig(
	source: StatusSource,
	contents: boolean,
	budget: Budget,
): Steps<ClientConfig | undefined> {
	const { id, node, session } = source;
	const genericXdsConfigs: GenericXdsConfig[] = [];
	// Tools that print many clients tell streams of one node apart by this.
	const clientScope = `${node?.id ?? ""} stream ${id}`;
	budget.left -= ENTRY_BYTES + BYTES_PER_UNIT * clientScope.length;
	if (node) budget.left -= Node.encode(node).finish().byteLength;
	yield;
	for (const subscription of session.subscriptions) {
		const look = observer(subscription);
		for (const name of wantedNames(subscription)) {
			const { entry, resource } = look(name);
			const units = name.length + (entry.errorState?.details.length ?? 0);
			budget.left -= ENTRY_BYTES + BYTES_PER_UNIT * units + (contents ? (resource?.value.byteLength ?? 0) : 0);
			if (budget.left < 0) return undefined;
			if (contents && resource) entry.xdsConfig = { typeUrl: subscription.stream.set.type.url, value: resource.value };
			genericXdsConfigs.push(entry);
			if (genericXdsConfigs.length % ENTRIES_A_STEP === 0) yield;
		}
	}
	genericXdsConfigs.sort((a, b) => compareText(a.typeUrl, b.typeUrl) || compareText(a.name, b.name));
	return budget.left < 0 ? undefined : { node, xdsConfig: [], genericXdsConfigs, clientScope };
}

/** The names asked for, and those that the wildcard lists. */
function* wantedNames(subscription: AnySubscription): Iterable<string> {
	const named = new Set(subscription.names());
	yield* named;
	if (!subscription.wildcard) return;
	for (const { name } of subscription.stream.set.listed()) if (!named.has(name)) yield name;
}

interface Observed {
	readonly entry: GenericXdsConfig;
	/** The resource that the entry describes: the rejected one, if the client rejects it. */
	readonly resource: EncodedResource | undefined;
}

function observer(subscription: AnySubscription): (name: string) => Observed {
	const { set, log, nacks } = subscription.stream;
	const { nack } = nacks;
	const inFlight = atOnce(log.inFlightNames());
	const rejected = new Set(nack?.resources);
	return (name) => {
		const isRejected = nack !== null && rejected.has(name);
		const resource = (isRejected && nacks.of(name)) || set.get(name);
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
