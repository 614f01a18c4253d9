import { SourceFailed } from "../../../util/errors.js";

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

/**
 * `what` is the verb and the namespace: `list endpointslices.discovery.k8s.io in the namespace
 * "shop"`.
 */
export function apiError(status: number, body: unknown, what: string, retryAfter?: number): ApiError {
	const { message } = (typeof body === "object" && body !== null ? body : {}) as { message?: unknown };
	const said = typeof message === "string" && message !== "" ? message : undefined;
	return new ApiError(status, messageFor(status, said, what), retryAfter);
}

function messageFor(status: number, said: string | undefined, what: string): string {
	const detail = said === undefined ? "" : ` (${said})`;
	switch (status) {
		case 401:
			return `cannot ${what}: the API server does not accept the credentials${detail}; check the token or the kubeconfig`;
		case 403:
			return `${what} is forbidden: grant get, list and watch on endpointslices in the apiGroup discovery.k8s.io, as deploy/kubernetes/rbac.yaml does${detail}`;
		case 404:
			return `cannot ${what}: the server does not know endpointslices; is it the API server of a cluster?${detail}`;
		default:
			return `cannot ${what}: the API server answered ${status}${detail}`;
	}
}
