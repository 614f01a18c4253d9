import { ClientResourceStatus as ClientSide } from "../../gen/envoy/admin/v3/config_dump_shared.js";
import { Node } from "../../gen/envoy/config/core/v3/base.js";
import {
	type ClientConfig,
	type ClientConfig_GenericXdsConfig as GenericXdsConfig,
	ConfigStatus as ServerSide,
} from "../../gen/envoy/service/status/v3/csds.js";
import { compareText } from "../../model/endpoint.js";
import type { Steps } from "../../util/steps.js";
import { type AnySubscription, type NameState, type NameStatus, nameStatuses } from "../protocol/name-status.js";

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
		for (const status of nameStatuses(subscription)) {
			const { name, resource } = status;
			const entry = entryOf(subscription, status);
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

/** What CSDS says of each state of a name. */
const STATUS: Readonly<Record<NameState, readonly [ServerSide, ClientSide]>> = {
	acked: [ServerSide.SYNCED, ClientSide.ACKED],
	sent: [ServerSide.STALE, ClientSide.UNKNOWN],
	pending: [ServerSide.NOT_SENT, ClientSide.REQUESTED],
	rejected: [ServerSide.ERROR, ClientSide.NACKED],
	unknown: [ServerSide.NOT_SENT, ClientSide.REQUESTED],
	missing: [ServerSide.NOT_SENT, ClientSide.DOES_NOT_EXIST],
};

function entryOf({ stream }: AnySubscription, { name, state, resource }: NameStatus): GenericXdsConfig {
	const { set, log, nacks } = stream;
	const { nack } = nacks;
	const [configStatus, clientStatus] = STATUS[state];
	const last = configStatus === ServerSide.SYNCED ? log.acked : log.sent;
	const versionInfo = resource?.version ?? "";
	return {
		typeUrl: set.type.url,
		name,
		versionInfo,
		lastUpdated: configStatus === ServerSide.NOT_SENT ? undefined : last?.at,
		configStatus,
		clientStatus,
		isStaticResource: false,
		...(state === "rejected" &&
			nack && { errorState: { lastUpdateAttempt: nack.at, details: nack.error, versionInfo } }),
	};
}
