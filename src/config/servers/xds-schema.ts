import { z } from "zod";
import { describe } from "../../input/check.js";
import { duration } from "../../input/duration-schema.js";
import { strictObject } from "../../input/strict-object.js";
import { DEFAULT_LIMITS, type Limits } from "../../model/limits.js";
import { isLocal } from "../../model/listen/listen-address.js";
import { accessShape } from "./access-schema.js";
import { address, addressOrSocket, listen, socketMode, yesOrNo } from "./address-schema.js";
import { openListenProblem } from "./open-listen.js";
import { tlsSchema } from "./tls-schema.js";
import { tokensSchema } from "./tokens-schema.js";

const MIN_TTL = 1_000;
/** What HTTP/2 can say. */
export const MAX_LIMIT = 2 ** 31 - 1;

/** Settings of the xDS server. */
export function xdsSchema() {
	return strictObject({
		listen: listen("127.0.0.1:18000").describe("Where xDS is served: ADS and EDS on one gRPC port."),
		tls: tlsSchema()
			.optional()
			.describe("TLS for xDS, by REST too: files relative to the config's folder, followed as they change."),
		tokens: tokensSchema()
			.optional()
			.describe("Whose bearer tokens count: a client brings a certificate or a token. None unless given."),
		...accessShape(),
		also: alsoSchema()
			.prefault([])
			.describe("More addresses for xDS, in clear, on loopback or Unix sockets: for clients that know no TLS."),
		insecure: yesOrNo()
			.default(false)
			.describe("Whether an address that other machines reach may be served without TLS."),
		ttl: duration({ example: "5m" })
			.refine((ms) => ms === 0 || ms >= MIN_TTL, { error: "expected 0s or at least 1s" })
			.optional()
			.describe("How long Envoy keeps clusters, listeners and routes without hearing of them. For ever unless given."),
		maxConnectionAge: duration({ example: "1h", minimum: 1_000 })
			.optional()
			.describe(
				"After this time, a tenth more or less, a connection is ended in order, so that clients spread over replicas again. Never unless given.",
			),
		cluster: clusterName("fingerpost-xds").describe(
			"The static cluster in Envoy's own config that leads to this port: where an Envoy without ADS finds the rest.",
		),
		rest: restSchema().prefault({}).describe("xDS by REST-JSON, for Envoys that poll (api_type REST)."),
		limits: limitsSchema()
			.prefault({})
			.describe("How much one client may ask for; beyond it, that client alone is refused or slowed down."),
	}).superRefine((xds, ctx) => {
		const addresses = [
			[xds.listen, ["listen"]],
			[xds.rest.listen, ["rest", "listen"]],
		] as const;
		for (const [address, path] of addresses) {
			const message = address && openListenProblem(address, "xds", xds);
			if (message) ctx.addIssue({ code: "custom", message, path: [...path] });
		}
		if (xds.tokens && !xds.tls && !xds.insecure) {
			const message = "would come in clear: give xds.tls, or say xds.insecure: true where the network is trusted";
			ctx.addIssue({ code: "custom", message, path: ["tokens"] });
		}
	});
}

function alsoSchema() {
	const expected = "expected a name of letters, digits and . _ -";
	const entry = strictObject({
		listen: addressOrSocket("127.0.0.1:18010", "unix:/run/fingerpost/xds.sock")
			.refine(isLocal, { error: "is in clear, so it has to be on loopback, 127.0.0.1 or [::1], or unix:/path" })
			.describe("Where it is served: on loopback, or unix:/path, a socket."),
		socketMode: socketMode().default("660").describe("The mode of a Unix socket."),
		identity: z
			.string({ error: ({ input }) => `${expected}, not ${describe(input)}` })
			.regex(/^[A-Za-z0-9._-]{1,64}$/, { error: expected })
			.optional()
			.describe("Who comes there: the client's identity is also:NAME."),
	});
	return z.array(entry, { error: ({ input }) => `expected a list of addresses, not ${describe(input)}` });
}

function restSchema() {
	return strictObject({
		listen: address("127.0.0.1:18002").optional().describe("Where it is served; it is not, unless this is given."),
		cluster: clusterName("fingerpost-rest").describe(
			"The static cluster in Envoy's own config that leads to this port.",
		),
		refreshDelay: duration({ example: "5s", minimum: 1 })
			.prefault("5s")
			.describe("How long Envoy waits between two polls of a cluster's endpoints."),
	});
}

function clusterName(fallback: string) {
	return z
		.string({ error: ({ input }) => `expected the name of a cluster, not ${describe(input)}` })
		.min(1, { error: "expected the name of a cluster" })
		.default(fallback);
}

function limitsSchema() {
	const limit = (key: keyof Limits) =>
		z
			.int({ error: ({ input }) => `expected a whole number such as ${DEFAULT_LIMITS[key]}, not ${describe(input)}` })
			.min(1, { error: ({ input }) => `a limit is at least 1, not ${input}` })
			.max(MAX_LIMIT, { error: ({ input }) => `a limit is at most ${MAX_LIMIT}, not ${input}` })
			.default(DEFAULT_LIMITS[key]);
	return strictObject({
		nameLength: limit("nameLength").describe("Bytes of a resource name that a client may ask for."),
		names: limit("names").describe("Names that a stream may ask for, of each type."),
		allNames: limit("allNames").describe(
			"Names that all streams may ask for, and no address more than a fourth of them; a list that many clients ask for counts once.",
		),
		streams: limit("streams").describe(
			"Streams over all connections; no address has more than a fourth of them, or 1000.",
		),
		streamsPerConnection: limit("streamsPerConnection").describe("Streams of one connection at a time."),
		connections: limit("connections").describe(
			"Connections at a time; no address has more than a fourth of them, or 1000.",
		),
		requestsPerSecond: limit("requestsPerSecond").describe(
			"Requests of a stream that are read in a second; each 64 KiB of a request count as one more, and an ACK that asks for nothing else does not count.",
		),
		zones: limit("zones").describe(
			"Zones of clients at a time; clients of more get what clients without a zone get. Four times as many groups of clients, over all zones, where a service has a `subset`; clients of more get what their zone gets. No address brings more than a fourth of them, or 16.",
		),
		messageBytes: limit("messageBytes").describe("Bytes of a request, also after decompression."),
		unreadBytes: limit("unreadBytes").describe("Bytes of all requests that have not arrived completely."),
	});
}
