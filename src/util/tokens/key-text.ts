import type { JSONWebKeySet, JWK } from "jose";

/** A larger set is refused before it is parsed: bytes. */
export const MAX_KEY_SET_BYTES = 256 * 1024;
const MAX_KEYS = 100;
/** Kinds of public keys. A secret one (`oct`) would let whoever reads it make tokens. */
const KINDS = new Set(["RSA", "EC", "OKP"]);

/**
 * The public keys of a JSON Web Key Set.
 * @param name where it is from, for the error.
 * @throws Error with a message for people.
 */
export function keySetIn(text: string, name: string): JSONWebKeySet {
	const keys = keysIn(text, name).filter(isPublic);
	if (keys.length === 0) throw new Error(`${name} holds no public key of RSA, EC or OKP`);
	if (keys.length > MAX_KEYS) throw new Error(`${name} holds more than ${MAX_KEYS} keys`);
	return { keys };
}

function keysIn(text: string, name: string): readonly unknown[] {
	let set: unknown;
	try {
		set = JSON.parse(text);
	} catch (cause) {
		throw new Error(`${name} is not JSON: expected a JSON Web Key Set`, { cause });
	}
	const keys = typeof set === "object" && set !== null && "keys" in set ? set.keys : undefined;
	if (!Array.isArray(keys)) throw new Error(`${name} is no JSON Web Key Set: it has no list of keys`);
	return keys;
}

function isPublic(key: unknown): key is JWK {
	if (typeof key !== "object" || key === null) return false;
	const { kty, use } = key as Partial<JWK>;
	return typeof kty === "string" && KINDS.has(kty) && (use === undefined || use === "sig");
}
