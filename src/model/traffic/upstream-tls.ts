import { isIP } from "node:net";
import { sameValue } from "../../util/same-value.js";
import type { Target } from "../target.js";

/** Where an Envoy has its own certificate: a secret of that name. */
export interface ClientCertificate {
	readonly name: string;
	/** The cluster by which it asks for the secret, as SPIRE's agent; one of its static secrets unless one is given. */
	readonly cluster?: string | undefined;
	/** The file that has it, as SDS from a file. */
	readonly file?: string | undefined;
}

/** How clients connect to the endpoints of a service by TLS, as it is written. Files are on the clients' machines. */
export interface UpstreamTls {
	/** `system`, or the full path of a PEM file. */
	readonly ca: string;
	readonly sni?: string | undefined;
	/** The endpoint's certificate must have one of these: DNS names, IP addresses, or URIs such as SPIFFE IDs. */
	readonly subjectAltNames?: readonly string[] | undefined;
	readonly clientCertificate?: ClientCertificate | undefined;
}

/** The same, with what the targets say of it. */
export interface EffectiveTls {
	readonly ca: string;
	/** Undefined where none is sent, and where each endpoint has its own. */
	readonly sni: string | undefined;
	/** Whether the server name is the endpoint's host name. */
	readonly ownNames: boolean;
	/** Whether an endpoint's certificate must be of its own host name; then the others only count where it has none. */
	readonly verifiesOwnName: boolean;
	/** At least one. */
	readonly subjectAltNames: readonly string[];
	readonly clientCertificate: ClientCertificate | undefined;
}

/** What of a service says it. */
interface Written {
	readonly targets: readonly { readonly target: Target }[];
	readonly tls?: UpstreamTls | undefined;
}

/** Undefined where the endpoints are connected to in clear. */
export function effectiveTls({ targets, tls: written }: Written): EffectiveTls | undefined {
	const hosts = secureHosts(targets);
	if (!written && hosts.length === 0) return undefined;
	const { ca, sni, subjectAltNames, clientCertificate }: UpstreamTls = written ?? { ca: "system" };
	const ownNames = sni === undefined && hosts.length > 1;
	const [host] = hosts;
	return {
		ca,
		sni: sni ?? (ownNames || host === undefined || isIP(host) > 0 ? undefined : host),
		ownNames,
		verifiesOwnName: ownNames && !subjectAltNames && hosts.every((each) => isIP(each) === 0),
		subjectAltNames: subjectAltNames ?? (sni === undefined ? hosts : [sni]),
		clientCertificate,
	};
}

/** Whether clients of both connect to the endpoints in the same way. */
export function sameTls(a: Written, b: Written): boolean {
	return a === b || sameValue(effectiveTls(a), effectiveTls(b));
}

/** Why this cannot be, or undefined if it can. */
export function tlsProblem({ targets, tls }: Written): string | undefined {
	const secure = targets.find(({ target }) => isSecure(target));
	const clear = targets.find(({ target }) => target.scheme === "http");
	if (clear && (tls || secure))
		return `${clear.target.text} is in clear, and ${tls ? "tls" : secure?.target.text} is not; write https:// or host:port`;
	const other = targets.find(({ target }) => !isSecure(target));
	if (secure && other && !tls)
		return `${secure.target.text} is by TLS, and ${other.target.text} does not say so: with tls all targets of the service are`;
	if (tls && !secure && tls.sni === undefined && tls.subjectAltNames === undefined)
		return "tls needs a name that the endpoints' certificates must have: give subjectAltNames or sni, or https:// targets";
	return undefined;
}

/** The hosts of `https` targets, each once, without brackets. */
function secureHosts(targets: Written["targets"]): readonly string[] {
	if (targets.length === 0) return [];
	return [...new Set(targets.flatMap(({ target }) => (isSecure(target) ? [hostOf(target)] : [])))];
}

function isSecure({ scheme }: Target): boolean {
	return scheme === "https";
}

function hostOf({ authority }: Target): string {
	return /^\[([^\]]*)\]/.exec(authority)?.[1] ?? authority.replace(/:\d*$/, "");
}
