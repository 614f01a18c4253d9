import { BlockList, isIP, isIPv6 } from "node:net";

export type ProxyVariables = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a URL, as Go's clients and kubectl read it: `HTTPS_PROXY` or `HTTP_PROXY`
 * by the URL's scheme, in capitals or not, unless `NO_PROXY` names the host. Never for the machine itself.
 * @throws Error if the variable holds no URL; the message does not quote it, as it may hold a password.
 */
export function environmentProxy(url: string, variables: ProxyVariables = process.env): string | undefined {
	const { protocol, hostname, port } = new URL(url);
	const name = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
	const text = read(variables, name);
	const host = hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
	if (text === undefined || isItself(host)) return undefined;
	const at = { host, port: port || (protocol === "https:" ? "443" : "80") };
	if (excludes(read(variables, "NO_PROXY") ?? "", at)) return undefined;
	const proxy = text.includes("://") ? text : `http://${text}`;
	if (!/^(https?|socks5h?):\/\/[^/]/.test(proxy) || !URL.canParse(proxy)) {
		throw new Error(`${name} holds no URL of a proxy such as http://proxy.internal:3128`);
	}
	return proxy;
}

/** An empty variable is an unset one. */
function read(variables: ProxyVariables, name: string): string | undefined {
	return variables[name]?.trim() || variables[name.toLowerCase()]?.trim() || undefined;
}

function isItself(host: string): boolean {
	return host === "localhost" || (isIP(host) !== 0 && LOOPBACK.check(host, isIPv6(host) ? "ipv6" : "ipv4"));
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

interface HostAndPort {
	readonly host: string;
	readonly port: string;
}

/** Whether one of the words names the host: `*`, an address, a range of addresses, or a domain, each with a port or not. */
function excludes(list: string, at: HostAndPort): boolean {
	return list.split(/[\s,]+/).some((word) => word !== "" && (word === "*" || names(word.toLowerCase(), at)));
}

function names(word: string, { host, port }: HostAndPort): boolean {
	if (word.includes("/")) return inRange(word, host);
	const [, bracketed, plain = "", wanted] = /^(?:\[([^\]]*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(word) ?? [];
	// Without brackets a colon of IPv6 begins no port.
	const whole = isIPv6(word) ? word : (bracketed ?? plain);
	if (!isIPv6(word) && wanted !== undefined && wanted !== port) return false;
	if (isIP(whole)) return sameAddress(whole, host);
	const domain = whole.replace(/^\*(?=\.)/, "");
	if (domain.startsWith(".")) return host.endsWith(domain);
	return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
}

function sameAddress(word: string, host: string): boolean {
	return isIP(host) !== 0 && isIP(host) === isIP(word) && inRange(`${word}/${isIPv6(word) ? 128 : 32}`, host);
}

function inRange(range: string, host: string): boolean {
	const [net = "", bits = ""] = range.split("/");
	const family = isIPv6(net) ? "ipv6" : "ipv4";
	if (isIP(net) === 0 || isIP(host) === 0 || !/^\d+$/.test(bits) || Number(bits) > (family === "ipv6" ? 128 : 32)) {
		return false;
	}
	const list = new BlockList();
	list.addSubnet(net, Number(bits), family);
	return list.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}
