import { connect } from "node:net";
import type { HostPort } from "../../../model/host-port.js";

/**
 * Asks over a TCP connection of its own.
 * @throws Error if there is no connection or it ends within the answer; the signal's reason when it
 *   fires. There is no other limit.
 */
export function askTcp({ host, port }: HostPort, query: Buffer, signal: AbortSignal): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		if (signal.aborted) {
			reject(signal.reason);
			return;
		}
		const socket = connect({ host, port });
		const received: Buffer[] = [];
		let size = 0;
		/** The length first, then all; put together only then, however small the pieces are. */
		let wanted = 2;
		const stop = () => {
			socket.destroy();
			reject(signal.reason);
		};
		signal.addEventListener("abort", stop, { once: true });
		socket.once("connect", () => {
			const length = Buffer.alloc(2);
			length.writeUInt16BE(query.length);
			socket.write(Buffer.concat([length, query]));
		});
		socket.on("data", (chunk) => {
			received.push(chunk);
			size += chunk.length;
			if (size < wanted) return;
			const bytes = Buffer.concat(received.splice(0));
			wanted = 2 + bytes.readUInt16BE();
			received.push(bytes);
			if (size < wanted) return;
			resolve(bytes.subarray(2, wanted));
			socket.destroy();
		});
		socket.once("error", reject);
		socket.once("end", () => {
			socket.destroy();
			reject(new Error("the connection ended within the answer"));
		});
		socket.once("close", () => signal.removeEventListener("abort", stop));
	});
}
