import type { Target } from "../../model/target.js";

/** The keys that a target names. */
export interface EtcdTarget {
	/** What the keys begin with. */
	readonly prefix: string;
}

/** Bytes of a prefix. */
const MAX_BYTES = 4_096;

/** `etcd:///prefix/`, or why the target is no such thing. The keys of `etcd:////prefix/` begin with a slash. */
export function readEtcdTarget({ scheme, authority, path, query, text }: Target): EtcdTarget | string {
	const form = `${scheme}:///PREFIX/`;
	if (authority !== "") {
		return `expected ${form}, with three slashes; which servers are asked stands in the provider's settings, not in the target`;
	}
	if (path === "" || path === "/") return `the prefix of the keys is missing: ${form}`;
	if (query.size > 0 || text.includes("?")) return "a prefix has no options; write a ? in it as %3F";
	if (text.includes("#")) return "write a # of a prefix as %23";
	if (text.includes("*")) return `a prefix has no *: every key that begins with it counts; expected ${form}`;
	const prefix = path.slice(1);
	if (Buffer.byteLength(prefix) > MAX_BYTES) return `the prefix is longer than ${MAX_BYTES} bytes`;
	return { prefix };
}
