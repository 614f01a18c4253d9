import { createInterface } from "node:readline";
import { type Recording, readRecording } from "./recording.js";
import { type Change, LONE_GROUP } from "./servers.js";

type Write = (bytes: Buffer) => void;

/** Who is to be written to, by group. */
class Groups {
	readonly #groups = new Map<string, Set<Write>>();

	/** @returns what leaves the group again. */
	join(group: string, write: Write): () => void {
		const writes = this.#groups.get(group) ?? new Set();
		this.#groups.set(group, writes.add(write));
		return () => writes.delete(write);
	}

	write(group: string, bytes: Buffer): void {
		for (const write of this.#groups.get(group) ?? []) write(bytes);
	}
}

export interface Recorded {
	readonly firstAnswer: (group: string) => readonly Buffer[];
	readonly groups: Groups;
}

/** Serves the recording that the command line names: what a change pushes is written to all who joined its group. */
export async function serveRecording(serve: (recorded: Recorded, ready: (port: number) => void) => void) {
	const recording: Recording = await readRecording(process.argv[2] as string);
	const groups = new Groups();
	serve({ firstAnswer: (group) => recording.initial[group] ?? [], groups }, (port) => console.log(`ready ${port}`));
	const lines = createInterface({ input: process.stdin });
	lines.on("line", (line) => {
		const [, what, n] = line.split(" ") as [string, Change, string];
		groups.write(what === "watched" ? "0" : String(LONE_GROUP), recording.pushes[what]?.[Number(n) % 2] as Buffer);
	});
	// By exit, so that a CPU profile is written.
	lines.on("close", () => process.exit(0));
	process.on("SIGTERM", () => process.exit(0));
}
