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
		let received = Buffer.alloc(0);
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
			received = Buffer.concat([received, chunk]);
			if (received.length < 2 || received.length < 2 + received.readUInt16BE()) return;
			resolve(received.subarray(2, 2 + received.readUInt16BE()));
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
