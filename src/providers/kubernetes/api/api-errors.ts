import { SourceFailed } from "../../../util/errors.js";
import { cleanText } from "../../../util/text/clean-text.js";

/** No answer, or one that broke off. The watch can go on from the last resource version. */
export class ConnectionFailed extends SourceFailed {}

/** The API server answered with an error. */
export class ApiError extends SourceFailed {
	/** The HTTP status, or the code of a Status object. */
	readonly status: number;
	/** Milliseconds that the server asks to wait for. */
	readonly retryAfter: number | undefined;

	constructor(status: number, message: string, retryAfter?: number) {
		super(message);
		this.status = status;
		this.retryAfter = retryAfter;
	}

	/** The resource version or the continue token of a list is too old. */
	get isGone(): boolean {
		return this.status === 410;
	}

	/**
	 * A list would fail like the watch: credentials or rights are missing, or the server is busy.
	 */
	get isRefusal(): boolean {
		return this.status === 401 || this.status === 403 || this.status === 429;
	}
}

/** Characters of what the server says that are told. */
const MAX_SAID = 300;
const WITHHELD =
	"; no credentials are sent over http://: use https://, or insecure: true where nobody can listen on the way";

export interface ApiErrorDetails {
	/** The verb and the namespace: `list endpointslices.discovery.k8s.io in the namespace "shop"`. */
	readonly what: string;
	/** Which rights it needs, after "grant". */
	readonly rights: string;
	/** Milliseconds. */
	readonly retryAfter?: number | undefined;
	/** Whether the request went without the credentials that there may be. */
	readonly withheld?: boolean;
}

/** @param body a Status object, or anything. */
export function apiError(
	status: number,
	body: unknown,
	{ what, rights, retryAfter, withheld }: ApiErrorDetails,
): ApiError {
	const { message } = (typeof body === "object" && body !== null ? body : {}) as { message?: unknown };
	const said = typeof message === "string" && message !== "" ? cleanText(message, { max: MAX_SAID }) : undefined;
	const hint = withheld && (status === 401 || status === 403) ? WITHHELD : "";
	return new ApiError(status, `${messageFor(status, said, what, rights)}${hint}`, retryAfter);
}

function messageFor(status: number, said: string | undefined, what: string, rights: string): string {
	const detail = said === undefined ? "" : ` (${said})`;
	switch (status) {
		case 401:
			return `cannot ${what}: the API server does not accept the credentials${detail}; check the token or the kubeconfig`;
		case 403:
			return `${what} is forbidden: grant ${rights}${detail}`;
		case 404:
			return `cannot ${what}: the server does not know them; is it the API server of a cluster?${detail}`;
		default:
			return `cannot ${what}: the API server answered ${status}${detail}`;
	}
}
