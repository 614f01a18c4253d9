// As a whole: by name, an older Node could not load it, and nothing could say then that it is too old.
import crypto from "node:crypto";
import { ANY, RESOURCE, RESPONSE } from "./discovery-fields.js";
import { joinFields, Message } from "./join-fields.js";

/**
 * One xDS resource, encoded once and shared by all clients of a view. Its version is a hash of its content, so it is the
 * same on every replica and after every restart (R6).
 */
export class EncodedResource {
	readonly name: string;
	readonly version: string;
	/** The version as a number of 64 bits, in two halves, from which VersionSum adds up. */
	readonly high: number;
	readonly low: number;
	/** Whether some client of the view has ACKed it. */
	accepted = false;
	readonly #typeUrl: string;
	/** Part of the entry that was encoded last, so that the bytes are in memory once. */
	#value: Uint8Array;
	#sotw: Uint8Array | undefined;
	#delta: Uint8Array | undefined;

	/** @param value the encoded message, in canonical form. */
	constructor(typeUrl: string, name: string, value: Uint8Array) {
		this.name = name;
		this.#typeUrl = typeUrl;
		this.#value = value;
		const digest = crypto.hash("sha256", value, "buffer");
		this.high = digest.readUInt32BE(0);
		this.low = digest.readUInt32BE(4);
		this.version = versionText(digest);
	}

	/** The encoded message. */
	get value(): Uint8Array {
		return this.#value;
	}

	/** As a google.protobuf.Any. */
	toAny(): Message {
		return new Message([
			[ANY.typeUrl, this.#typeUrl],
			[ANY.value, this.#value],
		]);
	}

	/** As an entry of `DiscoveryResponse.resources`, with key and length. */
	get sotw(): Uint8Array {
		this.makeSotw();
		return this.#sotw as Uint8Array;
	}

	/** As an entry of `DeltaDiscoveryResponse.resources`: a `Resource` with name and version (R36). */
	get delta(): Uint8Array {
		this.#delta ??= this.#entry(
			new Message([
				[RESOURCE.version, this.version],
				[RESOURCE.name, this.name],
				[RESOURCE.resource, this.toAny()],
			]),
		);
		return this.#delta;
	}

	/** Makes the entry for state of the world now: of many resources that takes long. */
	makeSotw(): void {
		this.#sotw ??= this.#entry(this.toAny());
	}

	/** @param message one that ends with the value. */
	#entry(message: Message): Uint8Array {
		const entry = joinFields([[RESPONSE.resources, message]]);
		this.#value = entry.subarray(entry.length - this.#value.length);
		return entry;
	}
}

/** Eleven characters for the first 64 bits. */
function versionText(bytes: Buffer): string {
	return bytes.toString("base64url", 0, 8);
}

/** The version of a set of resources: the sum of their hashes, so their order does not count (R6). */
export class VersionSum {
	#high = 0;
	#low = 0;
	#text: string | undefined;

	add({ high, low }: EncodedResource): this {
		return this.#set(this.#high + high, this.#low + low);
	}

	subtract({ high, low }: EncodedResource): this {
		return this.#set(this.#high - high, this.#low - low);
	}

	toString(): string {
		if (this.#text === undefined) {
			const bytes = Buffer.allocUnsafe(8);
			bytes.writeUInt32BE(this.#high);
			bytes.writeUInt32BE(this.#low, 4);
			this.#text = versionText(bytes);
		}
		return this.#text;
	}

	/** @param low at most one carry below or above 32 bits. */
	#set(high: number, low: number): this {
		this.#low = low >>> 0;
		this.#high = (high + Math.floor(low / 2 ** 32)) >>> 0;
		this.#text = undefined;
		return this;
	}
}
