import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { HostPort } from "../../../model/host-port.js";

/**
 * Sends a datagram from a random port and gives the first one that comes back from the server. The
 * socket is connected, so the system drops datagrams from others.
 * @throws Error if the server's host refuses it; the signal's reason when it fires. There is no
 *   other limit.
 */
export function askUdp({ host, port }: HostPort, query: Buffer, signal: AbortSignal): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		if (signal.aborted) {
			reject(signal.reason);
			return;
		}
		const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
		const end = () => {
			signal.removeEventListener("abort", stop);
			socket.close();
		};
		const stop = () => {
			end();
			reject(signal.reason);
		};
		const fail = (error: Error) => {
			end();
			reject(error);
		};
		signal.addEventListener("abort", stop, { once: true });
		socket.once("error", fail);
		socket.once("message", (bytes) => {
			end();
			resolve(bytes);
		});
		socket.once("connect", () => socket.send(query));
		socket.connect(port, host);
	});
}
