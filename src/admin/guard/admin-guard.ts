import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { FollowedTls } from "../../util/tls/followed-tls.js";
import { errorReply, type Reply } from "../reply.js";
import type { AdminTokens, Role } from "./admin-tokens.js";
import { isForeignOrigin, isOwnHost, namesOf } from "./host-check.js";

export interface GuardOptions {
	/** Whether Host headers are checked: not on a Unix socket, where no browser comes. */
	readonly checksHost: boolean;
	/** Host names by which it may be asked. */
	readonly hosts?: readonly string[] | undefined;
	readonly tls?: FollowedTls | undefined;
	readonly tokens?: AdminTokens | undefined;
}

/** Whether the process is alive is nobody's secret, and a probe has no token. The page asks for one, and holds nothing. */
const OPEN_PATHS: ReadonlySet<string> = new Set(["/healthz", "/"]);
const PAGE_FILES = "/page/";

/** Who may ask the admin API for what. */
export class AdminGuard {
	readonly #options: GuardOptions;

	constructor(options: GuardOptions) {
		this.#options = options;
	}

	/** Why the request is not answered, if it is not. */
	refuse(request: IncomingMessage): Reply | undefined {
		const { host, origin } = request.headers;
		if (this.#options.checksHost && host !== undefined && !isOwnHost(host, this.#names()))
			return errorReply(
				403,
				`the Host "${host}" is not served here: use localhost, an IP address, or a name in admin.hosts`,
			);
		const isRead = request.method === "GET" || request.method === "HEAD";
		if (!isRead && isForeignOrigin(origin, host))
			return errorReply(403, `a page of ${origin} may not change anything here`);
		return this.#options.tokens && this.#authorise(request, this.#options.tokens, isRead);
	}

	/** Who asks, as far as that is known: for the log. */
	who(request: IncomingMessage): string | undefined {
		const role = this.#options.tokens?.roleOf(request.headers.authorization);
		const subject = (request.socket as Partial<TLSSocket>).getPeerX509Certificate?.()?.subject.replaceAll("\n", ", ");
		return [role, subject].filter(Boolean).join(", ") || undefined;
	}

	#authorise(request: IncomingMessage, tokens: AdminTokens, isRead: boolean): Reply | undefined {
		const role: Role | undefined = tokens.roleOf(request.headers.authorization);
		const path = request.url ?? "";
		if (isRead && (OPEN_PATHS.has(path) || path.startsWith(PAGE_FILES))) return undefined;
		if (!role) {
			const challenge = { "www-authenticate": 'Bearer realm="fingerpost"' };
			return errorReply(401, "a token is needed: authorization: Bearer …", {}, challenge);
		}
		if (isRead || role === "operator") return undefined;
		return errorReply(403, "the token of a viewer changes nothing: use that of an operator");
	}

	*#names(): Iterable<string> {
		yield* this.#options.hosts ?? [];
		yield* namesOf(this.#options.tls?.certificate);
	}
}
