/** What a client sends first, with empty SETTINGS. */
export const PREFACE = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), http2Frame(4, Buffer.alloc(0))]);

/** A frame of HTTP/2 as no library would send it. */
export function http2Frame(type: number, payload: Buffer, stream = 0, flags = 0): Buffer {
	const head = Buffer.alloc(9);
	head.writeUIntBE(payload.length, 0, 3);
	head[3] = type;
	head[4] = flags;
	head.writeUInt32BE(stream, 5);
	return Buffer.concat([head, payload]);
}
