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

/** Who asks for the status of clients. */
export interface Viewer {
	/** Undefined for who may see everything. */
	readonly allows: ((name: string) => boolean) | undefined;
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
 * All that a stream subscribes to, with its status: of that what the viewer may see.
 * @returns undefined if that is nothing.
 */
export function* clientConfig(
	source: StatusSource,
	{ allows }: Viewer,
	contents: boolean,
	budget: Budget,
): Steps<ClientConfig | "too large" | undefined> {
	const { id, session } = source;
	const node = allows ? shownNode(source.node) : source.node;
	const genericXdsConfigs: GenericXdsConfig[] = [];
	// Tools that print many clients tell streams of one node apart by this.
	const clientScope = `${node?.id ?? ""} stream ${id}`;
	budget.left -= ENTRY_BYTES + BYTES_PER_UNIT * clientScope.length;
	if (node) budget.left -= Node.encode(node).finish().byteLength;
	yield;
	for (const subscription of session.subscriptions) {
		for (const status of nameStatuses(subscription)) {
			const { name, resource } = status;
			if (allows && !allows(name)) continue;
			const entry = entryOf(subscription, status);
			// What a client says of its rejection may tell of other resources.
			if (allows && entry.errorState) entry.errorState.details = "";
			const units = name.length + (entry.errorState?.details.length ?? 0);
			budget.left -= ENTRY_BYTES + BYTES_PER_UNIT * units + (contents ? (resource?.value.byteLength ?? 0) : 0);
			if (budget.left < 0) return "too large";
			if (contents && resource) entry.xdsConfig = { typeUrl: subscription.stream.set.type.url, value: resource.value };
			genericXdsConfigs.push(entry);
			if (genericXdsConfigs.length % ENTRIES_A_STEP === 0) yield;
		}
	}
	genericXdsConfigs.sort((a, b) => compareText(a.typeUrl, b.typeUrl) || compareText(a.name, b.name));
	if (budget.left < 0) return "too large";
	if (allows && genericXdsConfigs.length === 0) return undefined;
	return { node, xdsConfig: [], genericXdsConfigs, clientScope };
}

/** What of a node everybody may see who may see something of its client: not its metadata. */
function shownNode(node: Node | undefined): Node | undefined {
	if (!node) return undefined;
	const { id, cluster, locality, userAgentName } = node;
	return Node.fromPartial({ id, cluster, locality, userAgentName });
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
