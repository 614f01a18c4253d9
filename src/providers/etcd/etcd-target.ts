import type { Target } from "../../model/target.js";

/** The keys that a target names. */
export interface EtcdTarget {
	/** What the keys begin with. */
	readonly prefix: string;
}

/** Bytes of a prefix. */
const MAX_BYTES = 4_096;

/** All services that have keys below a prefix, in a folder each. */
export interface EtcdRegistry extends EtcdTarget {
	/** The text of the target of one of them. */
	targetOf(service: string): string;
}

/** `etcd:///prefix/`, or why the target is no such thing. The keys of `etcd:////prefix/` begin with a slash. */
export function readEtcdTarget(target: Target): EtcdTarget | string {
	const form = `${target.scheme}:///PREFIX/`;
	const prefix = readPrefix(target, form);
	if (typeof prefix !== "string" && prefix.text.includes("*"))
		return `a prefix has no *: every key that begins with it counts; expected ${form}`;
	return typeof prefix === "string" ? prefix : { prefix: prefix.text };
}

/** `etcd:///prefix/*`, or why the target is no such thing: a service has the keys `prefix/NAME/…`. */
export function readEtcdRegistry(target: Target): EtcdRegistry | string {
	const form = `${target.scheme}:///PREFIX/*`;
	const prefix = readPrefix(target, form);
	if (typeof prefix === "string") return prefix;
	if (!/^[^*]+\/\*$/.test(prefix.text) || !target.text.endsWith("/*")) return `expected ${form}`;
	const before = target.text.slice(0, -1);
	return {
		prefix: prefix.text.slice(0, -1),
		targetOf: (service) => `${before}${encodeURIComponent(service)}/`,
	};
}

function readPrefix({ authority, path, query, text }: Target, form: string): { readonly text: string } | string {
	if (authority !== "") {
		return `expected ${form}, with three slashes; which servers are asked stands in the provider's settings, not in the target`;
	}
	if (path === "" || path === "/") return `the prefix of the keys is missing: ${form}`;
	if (query.size > 0 || text.includes("?")) return "a prefix has no options; write a ? in it as %3F";
	if (text.includes("#")) return "write a # of a prefix as %23";
	const prefix = path.slice(1);
	if (Buffer.byteLength(prefix) > MAX_BYTES) return `the prefix is longer than ${MAX_BYTES} bytes`;
	return { text: prefix };
}
