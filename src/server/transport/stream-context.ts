import type { Cache } from "../../cache/cache.js";
import type { Limits } from "../../model/limits.js";
import type { Limiter } from "../../util/limiter.js";
import type { AccessRules } from "../access/access-rules.js";
import type { ControlPlaneFields } from "../wire/encode-response.js";
import type { InternedNames } from "../wire/interned-names.js";
import type { Mode } from "../wire/mode.js";
import type { StreamFanOut } from "./fan-out.js";
import type { MessageTransport } from "./messages/message-transport.js";
import type { AllNames } from "./names/all-names.js";
import type { Places } from "./places.js";
import type { ServerEvents } from "./server-events.js";

/** What leads on to other resources without ADS, by the variant of the stream. */
export type PerTypeCaches = Readonly<Record<Mode, Cache>>;

/** What the streams of a server share. */
export interface StreamContext {
	readonly cache: Cache;
	/** For the resources of per-type services that lead to others; the same as on ADS unless given. */
	readonly perType?: PerTypeCaches | undefined;
	readonly fanOut: StreamFanOut;
	readonly transport: MessageTransport;
	readonly internedNames: InternedNames;
	readonly allNames: AllNames;
	readonly places: Places;
	/** One large request is read after the other: each takes memory several times its size. */
	readonly largeRequests: Limiter;
	readonly events: ServerEvents;
	/** Who sends the responses; nothing is said unless given. */
	readonly controlPlane: ControlPlaneFields | undefined;
	/** Milliseconds that resources live at clients that know it (R26). */
	readonly ttl: number | undefined;
	/** Who the client of the call has proved to be; undefined for who has proved nothing. */
	identityOf(call: object): string | undefined;
	/** Who may see what by now. */
	access(): AccessRules;
	/** Those that apply now. */
	limits(): Limits;
	nextSequence(): number;
}
