import { Metadata } from "@grpc/grpc-js";
import type { Node } from "../../gen/envoy/config/core/v3/base.js";
import type { ResourceType } from "../../resources/resource-type.js";
import type { View } from "../../resources/view.js";
import { messageOf } from "../../util/errors.js";
import { areSteps, type Steps } from "../../util/steps.js";
import { cleanText } from "../../util/text/clean-text.js";
import type { ClientStatus } from "../protocol/client-status.js";
import { requestedType } from "../protocol/rules/requested-type.js";
import { supportsTtl } from "../protocol/rules/ttl.js";
import { type Received, Session } from "../protocol/session.js";
import { isSettled } from "../protocol/waiting-names.js";
import type { DiscoveryRequest } from "../wire/discovery-request.js";
import type { Mode } from "../wire/mode.js";
import { MAX_SHOWN, RpcError } from "../wire/rpc-error.js";
import { ClientView } from "./client-view.js";
import type { Worker } from "./fan-out.js";
import type { Call } from "./messages/bytes-method.js";
import type { CallMessages } from "./messages/call-messages.js";
import { StreamNames } from "./names/stream-names.js";
import { nodeIdentity, shownFeatures, unknownFamilyOf } from "./node-identity.js";
import { addressIn } from "./peer-address.js";
import { reportReceived } from "./report-received.js";
import { type Left, RequestIntake } from "./request-intake.js";
import type { StreamIdentity } from "./server-events.js";
import type { StreamContext } from "./stream-context.js";
import type { StreamVariant } from "./stream-variants.js";
import { UnknownTypes } from "./unknown-types.js";

/** One gRPC stream. It writes one response at a time, and then one for the newest state: no queue grows. */
export class XdsStream<Request extends DiscoveryRequest> implements Worker {
	readonly id: number;
	readonly #call: Call;
	readonly #messages: CallMessages;
	readonly #only: ResourceType | undefined;
	readonly #context: StreamContext;
	readonly #connectedAt = new Date();
	readonly session: Session<Request>;
	readonly #view: ClientView;
	readonly #variant: StreamVariant<Request>;
	readonly #unknownTypes = new UnknownTypes();
	readonly #names: StreamNames;
	readonly #intake: RequestIntake<Request>;
	#identity: StreamIdentity;
	#identified = false;
	#node: Node | undefined;
	#ttl: number | undefined;
	#writing = false;
	/** A request is being taken: what is due by then goes after it. */
	#receiving = false;
	/** Its turn came meanwhile. */
	#held = false;
	readonly #onWritten = (error?: Error | null) => {
		if (error) return;
		this.#writing = false;
		if (this.#ending) this.#call.end();
		// In its next turn: others are served first, and more may have changed by then.
		else if (this.session.isDue || this.#halfClosed || this.#view.isOutdated) this.#context.fanOut.schedule(this);
	};
	#closed = false;
	#ending = false;
	#halfClosed = false;
	readonly #onClosed: () => void;

	constructor(
		id: number,
		call: Call,
		variant: StreamVariant<Request>,
		only: ResourceType | undefined,
		context: StreamContext,
		onClosed: () => void,
	) {
		this.id = id;
		this.#call = call;
		this.#messages = context.transport.messagesOf(call);
		this.#only = only;
		this.#variant = variant;
		this.#context = context;
		this.#names = new StreamNames(context.allNames, addressIn(call.getPeer()));
		this.#onClosed = onClosed;
		const identity = context.identityOf(call);
		this.#identity = { node: "", identity, stream: id, family: "envoy", userAgent: "", address: call.getPeer() };
		const cache = (only?.child && context.perType?.[variant.mode]) || context.cache;
		this.#view = new ClientView(cache, context.access, context.places);
		this.session = new Session(variant, {
			acquire: (type) => this.#view.acquire(type),
			release: (type) => this.#view.release(type),
			nextSequence: () => context.nextSequence(),
			ttl: () => this.#ttl,
			controlPlane: context.controlPlane,
			onDue: () => context.fanOut.schedule(this, this.#receiving),
			checkNames: context.allNames.check,
		});
		this.#intake = new RequestIntake(variant, context, this.#messages, {
			apply: (request) => this.#apply(request),
			refuse: (reason) => this.#refuse(reason),
			tooFast: () => context.events.limited?.(this.#identity, "requestsPerSecond"),
		});
		this.#messages.listen({
			message: (bytes) => this.#intake.receive(bytes),
			unreadable: (reason) => this.#refuse(reason),
			ended: () => this.#halfClose(),
		});
		// There are clients that send no request before they have the response headers.
		call.sendMetadata(new Metadata());
		call.on("cancelled", () => this.#close(undefined));
		call.on("error", (error) => this.#close(error));
	}

	get view(): View {
		return this.#view.view;
	}

	get nodeId(): string {
		return this.#identity.node;
	}

	/** The other end's address and port. */
	get peer(): string {
		return this.#identity.address;
	}

	get mode(): Mode {
		return this.session.mode;
	}

	/** The client's node, as far as it is kept; undefined until the first request, or if that has none. */
	get node(): Node | undefined {
		return this.#node;
	}

	status(): ClientStatus {
		const { locality } = this.#node ?? {};
		const { matched: access, zone, group } = this.#view;
		const [features, types] = [shownFeatures(this.#node), this.session.status()];
		return { ...this.#identity, access, connectedAt: this.#connectedAt, locality, zone, group, features, types };
	}

	/** Sends what is due. While it writes or takes a request, not now: it is scheduled again afterwards. */
	work(): void {
		this.#held = this.#receiving;
		if (this.#closed || this.#writing || this.#receiving) return;
		this.#view.update(this.session);
		const outgoing = this.session.next();
		if (!outgoing) {
			this.#settle();
			if (this.#halfClosed) void this.end();
			return;
		}
		if (outgoing.push) this.#context.events.pushed?.(outgoing.type, this.mode);
		this.#context.events.responded?.(this.#identity, outgoing);
		this.#writing = true;
		this.#messages.write(outgoing.frame, this.#onWritten);
	}

	/** Ends the stream after the write in progress. Resolves when everything is handed to the connection. */
	end(): Promise<void> {
		const ended = new Promise<void>((resolve) => {
			this.#call.once("finish", resolve).once("close", resolve).once("cancelled", resolve);
		});
		if (this.#ending || this.#closed) return ended;
		this.#ending = true;
		if (!this.#writing) this.#call.end();
		this.#close(undefined);
		return ended;
	}

	expel(why: RpcError): void {
		if (!this.#closed) this.#refuse(why);
	}

	#settle(): void {
		if (isSettled(this)) this.#context.fanOut.settled(this);
	}

	/** The client sends nothing more, as tools that ask once do. It gets what is due, and the stream ends. */
	#halfClose(): void {
		this.#halfClosed = true;
		this.#intake.end();
		this.work();
	}

	#apply(request: Request): Left {
		this.#identify(request.node);
		const type = requestedType(request.typeUrl, this.#only);
		if (!type) return this.#noteUnknown(request.typeUrl);
		this.#variant.count(this.#names, type, request, this.session);
		const received = this.session.receive(type, request);
		if (areSteps(received)) return this.#applyRest(request, received);
		reportReceived(this.#context.events, this.#identity, request, received);
		if (received.ack) this.#settle();
		return received.ack?.kind === "ack" ? "acked" : undefined;
	}

	/** Between the steps others have their turn. */
	*#applyRest(request: Request, rest: Steps<Received>): Steps<void> {
		this.#receiving = true;
		try {
			reportReceived(this.#context.events, this.#identity, request, yield* rest);
		} finally {
			this.#receiving = false;
			if (this.#held && !this.#closed) this.#context.fanOut.schedule(this, true);
			this.#settle();
		}
	}

	/** R2: the first request has the node. */
	#identify(node: Node | undefined): void {
		if (this.#identified) return;
		this.#identified = true;
		this.#node = node;
		const { view, ...named } = nodeIdentity(node);
		this.#identity = { ...this.#identity, ...named };
		this.#view.identify(view, { identity: this.#identity.identity, node });
		if (!this.#view.enter(node?.locality, addressIn(this.peer)))
			this.#context.events.limited?.(this.#identity, "zones");
		if (supportsTtl(node, this.mode, this.view)) this.#ttl = this.#context.ttl;
		this.#context.events.connected?.(this.#identity);
		const said = unknownFamilyOf(node);
		if (said !== undefined) this.#context.events.unknownFamily?.(this.#identity, said);
	}

	#noteUnknown(url: string): undefined {
		if (!this.#unknownTypes.isNew(url)) return;
		this.#context.events.unknownType?.(this.#identity, cleanText(url, { max: MAX_SHOWN }));
	}

	/** Ends the stream with the status of a bad request. The call's listeners do the rest. */
	#refuse(reason: unknown): void {
		const refused =
			reason instanceof RpcError ? reason : RpcError.invalid(`the request cannot be read: ${messageOf(reason)}`);
		if (refused.limit) this.#context.events.limited?.(this.#identity, refused.limit);
		this.#call.emit("error", refused);
	}

	#close(error: Error | undefined): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#intake.close();
		this.#messages.close();
		this.#names.close();
		this.#context.fanOut.cancel(this);
		this.session.close();
		this.#view.close();
		this.#onClosed();
		// A stream without a request was never reported as connected.
		if (this.#identified || error) this.#context.events.disconnected?.(this.#identity, error);
	}
}
