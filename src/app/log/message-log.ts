import type { Outgoing, Received } from "../../server/protocol/session.js";
import type { StreamIdentity } from "../../server/transport/server-events.js";
import type { DeltaRequest, DiscoveryRequest, SotwRequest } from "../../server/wire/discovery-request.js";
import { cleanText } from "../../util/text/clean-text.js";
import type { ClientLog } from "./client-log.js";
import { shown, shownError } from "./shown.js";

/** Names of a message that a line at trace has. */
const MAX_NAMES = 200;
/** More than these are counted at debug. */
const MAX_NAMED = 20;
const MAX_TEXT = 256;

/** What a client asks for, and whether that makes something due. */
export function logRequest(
	clients: ClientLog,
	stream: StreamIdentity,
	request: DiscoveryRequest,
	{ type, ack, subscription }: Received,
): void {
	// Who wants more detail wants this, too. There is a request for every push.
	if (!clients.wants("request")) return;
	const { names, subscribe, unsubscribe, initialVersions } = request as Partial<SotwRequest & DeltaRequest>;
	const asked = names ?? subscribe ?? [];
	clients.write("request", {
		...who(stream),
		type: type.id,
		is: ack?.kind ?? "subscription",
		nonce: text(request.nonce),
		names: namesField(asked),
		unsubscribed: unsubscribe?.length ? namesField(unsubscribe) : undefined,
		brought: initialVersions?.size || undefined,
		error: request.error && shownError(request.error.message),
		due: subscription.isDue,
	});
	if (clients.wants("request message"))
		clients.write("request message", { ...who(stream), type: type.id, message: requestMessage(request) });
}

/** What a client is sent, and why. */
export function logResponse(clients: ClientLog, stream: StreamIdentity, { type, frame, push, sent }: Outgoing): void {
	if (!clients.wants("response")) return;
	const { nonce, version, content, probe } = sent;
	clients.write("response", {
		...who(stream),
		type: type.id,
		why: probe ? "search for what is rejected" : push ? "change" : "asked for",
		nonce,
		version,
		resources: content.resources.length > MAX_NAMED ? content.resources.length : content.resources.map(nameOf),
		removed: content.removed.length > 0 ? namesField(content.removed) : undefined,
		bytes: frame.byteLength,
	});
	if (clients.wants("response message")) {
		const resources = content.resources.slice(0, MAX_NAMES).map(({ name, version: is, value }) => ({
			name: text(name),
			version: is,
			bytes: value.byteLength,
		}));
		const message = { version, nonce, resources, removed: shown(content.removed, MAX_NAMES) };
		clients.write("response message", { ...who(stream), type: type.id, message });
	}
}

function requestMessage(request: DiscoveryRequest): object {
	const { nonce, error, version, names, subscribe, unsubscribe, initialVersions } = request as DiscoveryRequest &
		Partial<SotwRequest & DeltaRequest>;
	const brought: [string, string][] = [];
	for (const [name, has] of initialVersions ?? []) {
		if (brought.length === MAX_NAMES) break;
		brought.push([text(name), text(has)]);
	}
	return {
		nonce: text(nonce),
		...(version !== undefined && { version: text(version) }),
		...(names && { names: shown(names, MAX_NAMES) }),
		...(subscribe && { subscribe: shown(subscribe, MAX_NAMES) }),
		...(unsubscribe && { unsubscribe: shown(unsubscribe, MAX_NAMES) }),
		...(brought.length > 0 && { initialVersions: Object.fromEntries(brought) }),
		...(error && { error: shownError(error.message) }),
	};
}

function nameOf({ name }: { readonly name: string }): string {
	return text(name);
}

function who({ node, stream, address }: StreamIdentity) {
	return { node, stream, address };
}

/** The names, or how many they are. */
function namesField(names: readonly string[]): readonly string[] | number {
	return names.length > MAX_NAMED ? names.length : shown(names);
}

function text(of: string): string {
	return cleanText(of, { max: MAX_TEXT });
}
