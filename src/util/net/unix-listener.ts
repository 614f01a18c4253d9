import { chmod, lstat, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";

/** Milliseconds for whoever listens there to answer. */
const ANSWER_MS = 1_000;
/** Nobody but the owner, until the mode is set. */
const CLOSED = 0o177;

/**
 * Listens on a Unix socket. One that was left behind by a process that has gone makes room.
 * @param mode in octal, of the socket. @param backlog connections that may wait; the system's number unless given.
 */
export async function listenOnSocket(server: Server, path: string, mode: string, backlog?: number): Promise<void> {
	if (await isLeftBehind(path)) await unlink(path);
	const before = process.umask(CLOSED);
	try {
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen({ path, ...(backlog !== undefined && { backlog }) }, () => {
				server.off("error", reject);
				resolve();
			});
			// The socket is made at once; the files of others have their own mode.
			process.umask(before);
		});
	} finally {
		process.umask(before);
	}
	await chmod(path, Number.parseInt(mode, 8));
}

async function isLeftBehind(path: string): Promise<boolean> {
	const found = await lstat(path).catch(() => undefined);
	if (!found?.isSocket()) return false;
	return new Promise((resolve) => {
		const socket = connect({ path, timeout: ANSWER_MS });
		const answer = (isLeft: boolean) => {
			socket.destroy();
			resolve(isLeft);
		};
		socket.once("connect", () => answer(false));
		socket.once("timeout", () => answer(false));
		socket.once("error", (error: NodeJS.ErrnoException) => answer(error.code === "ECONNREFUSED"));
	});
}
