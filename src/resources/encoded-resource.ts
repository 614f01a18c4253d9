import { hash } from "node:crypto";
import { type Field, joinFields } from "./join-fields.js";

/**
 * One xDS resource as it goes out: encoded once, shared by all clients of a view. Its version is a hash of its
 * content, so it is the same on every replica and after every restart (R6).
 */
export class EncodedResource {
	readonly name: string;
	readonly version: string;
	/** The version as a number, for the sum that is the version of a set. */
	readonly hash: bigint;
	/** Whether some client of the view has ACKed it. */
	accepted = false;
	readonly #typeUrl: string;
	/** In its own buffer only until it is part of an entry. */
	#value: Uint8Array;
	#sotw: Uint8Array | undefined;
	#delta: Uint8Array | undefined;

	/** @param value the encoded message itself, in canonical form. */
	constructor(typeUrl: string, name: string, value: Uint8Array) {
		this.name = name;
		this.#typeUrl = typeUrl;
		this.#value = value;
		this.hash = hash("sha256", value, "buffer").readBigUInt64BE();
		this.version = versionText(this.hash);
	}

	/** The encoded message itself. */
	get value(): Uint8Array {
		return this.#value;
	}

	/** As a google.protobuf.Any. */
	get any(): Uint8Array {
		return joinFields(this.#any());
	}

	/** As an entry of `DiscoveryResponse.resources`, tag and length included. */
	get sotw(): Uint8Array {
		this.#sotw ??= this.#entry(this.#any());
		return this.#sotw;
	}

	/** As an entry of `DeltaDiscoveryResponse.resources`: the `Resource` with name and version (R36). */
	get delta(): Uint8Array {
		this.#delta ??= this.#entry([
			[1, Buffer.from(this.version)],
			[3, Buffer.from(this.name)],
			[2, this.#any()],
		]);
		return this.#delta;
	}

	/** @param fields the last of which ends with the value. */
	#entry(fields: readonly Field[]): Uint8Array {
		const entry = joinFields([[2, fields]]);
		this.#value = entry.subarray(entry.length - this.#value.length);
		return entry;
	}

	#any(): readonly Field[] {
		return [
			[1, Buffer.from(this.#typeUrl)],
			[2, this.#value],
		];
	}
}

/** Eleven characters for 64 bits. */
function versionText(value: bigint): string {
	const bytes = Buffer.allocUnsafe(8);
	bytes.writeBigUInt64BE(value);
	return bytes.toString("base64url");
}

/** The version of a set of resources: the sum of their hashes, whatever their order (design decision 2). */
export class VersionSum {
	#sum = 0n;
	#text: string | undefined;

	add(resource: EncodedResource): this {
		return this.#set(this.#sum + resource.hash);
	}

	subtract(resource: EncodedResource): this {
		return this.#set(this.#sum - resource.hash);
	}

	toString(): string {
		this.#text ??= versionText(this.#sum);
		return this.#text;
	}

	#set(sum: bigint): this {
		this.#sum = BigInt.asUintN(64, sum);
		this.#text = undefined;
		return this;
	}
}
