/** Numbers from a seed: xorshift32. */
export function randomOf(seed: number): (below: number) => number {
	let state = seed | 1;
	return (below) => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) % below;
	};
}

type Random = ReturnType<typeof randomOf>;

const MUTATIONS: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
	// A bit, a byte, a number that is large.
	(bytes, random) => changed(bytes, random, (byte) => byte ^ (1 << random(8))),
	(bytes, random) => changed(bytes, random, () => random(256)),
	(bytes, random) => changed(bytes, random, () => 0xff),
	// Cut off, left out, doubled, put elsewhere.
	(bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
	(bytes, random) => {
		const [from, to] = range(bytes, random);
		return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
	},
	(bytes, random) => {
		const [from, to] = range(bytes, random);
		const times = 1 + random(50);
		return Buffer.concat([bytes.subarray(0, to), ...Array(times).fill(bytes.subarray(from, to)), bytes.subarray(to)]);
	},
	(bytes, random) => {
		const [from, to] = range(bytes, random);
		return Buffer.concat([bytes.subarray(to), bytes.subarray(from, to), bytes.subarray(0, from)]);
	},
	(bytes, random) => Buffer.concat([bytes, Buffer.from(Array.from({ length: random(40) }, () => random(256)))]),
];

/** The bytes after some mutations; sometimes as they are. */
export function mutated(bytes: Uint8Array, random: Random): Buffer {
	let result = Buffer.from(bytes);
	for (let left = random(4); left > 0; left--) {
		const mutation = MUTATIONS[random(MUTATIONS.length)] as (typeof MUTATIONS)[number];
		result = Buffer.from(mutation(result, random));
	}
	return result;
}

function changed(bytes: Buffer, random: Random, change: (byte: number) => number): Buffer {
	if (bytes.length === 0) return bytes;
	const at = random(bytes.length);
	const result = Buffer.from(bytes);
	result[at] = change(bytes[at] as number);
	return result;
}

function range(bytes: Buffer, random: Random): readonly [number, number] {
	const from = random(bytes.length + 1);
	return [from, from + random(Math.min(64, bytes.length - from) + 1)];
}
