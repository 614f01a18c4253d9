import { hash } from "node:crypto";
import { joinFields } from "./join-fields.js";

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
	readonly #any: Uint8Array;
	#sotw: Uint8Array | undefined;
	#delta: Uint8Array | undefined;

	/** @param value the encoded message itself, in canonical form. */
	constructor(typeUrl: string, name: string, value: Uint8Array) {
		this.name = name;
		this.hash = hash("sha256", value, "buffer").readBigUInt64BE();
		this.version = versionText(this.hash);
		this.#any = joinFields([
			[1, Buffer.from(typeUrl)],
			[2, value],
		]);
	}

	/** As a google.protobuf.Any. */
	get any(): Uint8Array {
		return this.#any;
	}

	/** As an entry of `DiscoveryResponse.resources`, tag and length included. */
	get sotw(): Uint8Array {
		this.#sotw ??= joinFields([[2, this.#any]]);
		return this.#sotw;
	}

	/** As an entry of `DeltaDiscoveryResponse.resources`: the `Resource` with name and version (R36). */
	get delta(): Uint8Array {
		this.#delta ??= joinFields([
			[
				2,
				joinFields([
					[1, Buffer.from(this.version)],
					[2, this.#any],
					[3, Buffer.from(this.name)],
				]),
			],
		]);
		return this.#delta;
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
