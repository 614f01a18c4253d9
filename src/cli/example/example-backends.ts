import type { Config } from "../../config/config.js";
import { messageOf } from "../../util/errors.js";
import { startExampleBackend } from "./example-backend.js";

/** The ports of the quick-start example: no other program of the user's is taken its port. */
const PORTS = [8081, 8082, 8083] as const;

export interface ExampleBackends extends AsyncDisposable {
	/** What answers, in a sentence each. */
	readonly lines: readonly string[];
}

/** Starts those of the quick start's back ends that the config names; a port that is in use is left to whoever has it. */
export async function startExampleBackends({ services }: Pick<Config, "services">): Promise<ExampleBackends> {
	const named = new Set<number>();
	for (const { endpoints = [], targets } of services.values()) {
		for (const { address, port } of endpoints) if (address === "127.0.0.1") named.add(port);
		for (const { target } of targets)
			if (target.scheme === "static") named.add(Number(/:(\d+)$/.exec(target.text)?.[1]));
	}
	const running: AsyncDisposable[] = [];
	const answering: number[] = [];
	const lines: string[] = [];
	for (const port of PORTS.filter((each) => named.has(each))) {
		try {
			running.push(await startExampleBackend(port));
			answering.push(port);
		} catch (error) {
			const inUse = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
			lines.push(
				`No example back end on 127.0.0.1:${port}: ${inUse ? "another program has the port" : messageOf(error)}.`,
			);
		}
	}
	if (answering.length > 0) {
		const ports = answering.map((port) => `127.0.0.1:${port}`).join(", ");
		lines.unshift(`Example back ends answer with their port, by HTTP and gRPC: ${ports}.`);
	}
	return {
		lines,
		async [Symbol.asyncDispose]() {
			await Promise.all(running.map((each) => each[Symbol.asyncDispose]()));
		},
	};
}
