import { createServer } from "node:net";

// Below what Linux hands out to outgoing connections (32768 and above): a program that is ended and started again on
// its port must not find that a connection of the load has taken it meanwhile.
const FIRST = 20_000;
const SPAN = 12_000;

/** Ports on 127.0.0.1 that are free now and stay out of the way of outgoing connections. */
export async function freePorts(count: number): Promise<number[]> {
	const found = new Set<number>();
	for (let attempt = 0; found.size < count; attempt++) {
		if (attempt > 200) throw new Error(`found only ${found.size} of ${count} free ports`);
		const port = FIRST + Math.floor(Math.random() * SPAN);
		if (!found.has(port) && (await isFree(port))) found.add(port);
	}
	return [...found];
}

/** Listens on such a port; on another one where somebody else has taken it meanwhile. @returns the port. */
export async function onFreePort(listen: (port: number) => Promise<void>): Promise<number> {
	for (let attempt = 0; ; attempt++) {
		const [port = 0] = await freePorts(1);
		try {
			await listen(port);
			return port;
		} catch (error) {
			if (attempt === 20 || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
		}
	}
}

function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
	});
}
