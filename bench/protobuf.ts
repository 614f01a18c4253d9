/** A length-delimited field; the number is below 16, so that the tag is one byte. */
export function field(number: number, value: string | Uint8Array): Buffer {
	const bytes = typeof value === "string" ? Buffer.from(value) : value;
	return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

export function varint(value: number): Buffer {
	const bytes: number[] = [];
	let rest = value;
	for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
	bytes.push(rest);
	return Buffer.from(bytes);
}

/** What a client needs of a DiscoveryResponse or DeltaDiscoveryResponse: the numbers are the same in both. */
export interface ScannedResponse {
	/** `version_info` or `system_version_info`. */
	readonly version: Buffer;
	readonly nonce: Buffer;
	/** How many resources are in it. */
	readonly resources: number;
}

const NONE: Buffer = Buffer.alloc(0);

/** Steps over the resources without a look into them. @throws if a field is not length-delimited. */
export function scanResponse(bytes: Buffer): ScannedResponse {
	let version: Buffer = NONE;
	let nonce: Buffer = NONE;
	let resources = 0;
	for (let at = 0; at < bytes.length; ) {
		const tag = bytes[at++] as number;
		if ((tag & 7) !== 2) throw new Error(`unexpected wire type ${tag & 7} in a response`);
		let length = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = bytes[at++] as number;
			length |= (byte & 0x7f) << shift;
			if (byte < 0x80) break;
		}
		const number = tag >> 3;
		if (number === 1) version = bytes.subarray(at, at + length);
		else if (number === 2) resources++;
		else if (number === 5) nonce = bytes.subarray(at, at + length);
		at += length;
	}
	return { version, nonce, resources };
}
