import type { ListenAddress } from "../model/listen/listen-address.js";
import type { ListenSetting } from "../model/listen/listen-failed.js";
import type { FollowedTls } from "../util/tls/followed-tls.js";
import type { AdminRoute } from "./admin-route.js";
import type { AdminSources } from "./admin-sources.js";
import type { EventHub } from "./events/event-hub.js";
import type { AdminTokens } from "./guard/admin-tokens.js";
import type { Metrics } from "./metrics/metrics.js";

export interface AdminServerOptions {
	/** Port 0 lets the system choose; `address` then tells which. */
	readonly listen: ListenAddress;
	/** Of a Unix socket, in octal; 660 unless given. */
	readonly socketMode?: string | undefined;
	/** Started; in clear unless given. */
	readonly tls?: FollowedTls | undefined;
	/** Started; whoever reaches it may do everything unless given. */
	readonly tokens?: AdminTokens | undefined;
	/** Host names by which it may be asked, beside loopback ones and IP addresses; any unless given, but not on loopback. */
	readonly hosts?: readonly string[] | undefined;
	readonly sources: AdminSources;
	readonly metrics: Metrics;
	/** Tells what changes; it ends with the server. Nothing is told unless it is given. */
	readonly events?: EventHub;
	/** What it serves; everything unless given. */
	readonly routes?: readonly AdminRoute[];
	/** Which setting its address is, for the error of one that cannot be bound; `admin.listen` unless given. */
	readonly setting?: ListenSetting;
	/** Told of every error that a route did not expect; the client sees a 500 without details. */
	readonly onError?: (error: unknown) => void;
	/** Told of every request once it is answered, or its reader has gone. */
	readonly onAnswered?: (answered: AnsweredRequest) => void;
	/** By TLS a client was refused. @param address with port. @param reason why, in words. */
	readonly onRefused?: (address: string, reason: string) => void;
}

export interface AnsweredRequest {
	readonly address: string;
	readonly method: string;
	readonly path: string;
	readonly status: number;
	readonly seconds: number;
	/** Whether it could have changed something. */
	readonly isWrite: boolean;
	/** By its token and certificate; undefined where it brought none. */
	readonly who: string | undefined;
}
