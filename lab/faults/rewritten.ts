import { Transform } from "node:stream";

/** Passes text on line by line, each as it is rewritten; the last one need not end. */
export function rewritten(rewrite: (line: string) => string): Transform {
	let rest = Buffer.alloc(0);
	return new Transform({
		transform(piece: Buffer, _encoding, done) {
			const all = Buffer.concat([rest, piece]);
			const end = all.lastIndexOf("\n") + 1;
			rest = all.subarray(end);
			done(null, end > 0 ? rewrite(all.subarray(0, end).toString()) : undefined);
		},
		flush(done) {
			done(null, rest.length > 0 ? rewrite(rest.toString()) : undefined);
		},
	});
}
