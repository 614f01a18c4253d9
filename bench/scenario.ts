import { Followers } from "./followers.js";
import type { StreamGroup } from "./load.js";
import { NumberedChanges } from "./numbered-changes.js";
import { settledCpuMicros } from "./process-cost.js";
import { writeRecording } from "./recording.js";
import { BenchServer, type ServerName, type World } from "./servers.js";
import { serviceName } from "./services.js";

/** What was measured; times in the unit of their names. */
export type Figures = Readonly<Record<string, number>>;

export interface ScenarioOptions {
	/** Where what Fingerpost sends is written, and what the others send is read. */
	readonly recording: string;
	/** The program of bench/peers. */
	readonly peers: string;
	readonly profiles?: string | undefined;
	/** Whether only the smaller sizes are measured. */
	readonly short: boolean;
	/** How long a client does not read. */
	readonly stuckSeconds: number;
}

/** Something that happens to a server beside one change after the other. */
export interface Scenario {
	readonly name: string;
	/** What happens, in a line. */
	readonly title: string;
	/** The headings of the figures. */
	readonly columns: Readonly<Record<string, string>>;
	/** Who goes through it; in the short benchmark, only these. */
	readonly full: readonly ServerName[];
	readonly short: readonly ServerName[];
	/** @returns the figures of each variant. */
	run(server: ServerName, options: ScenarioOptions): Promise<Readonly<Record<string, Figures>>>;
}

export const WITH_PEERS: readonly ServerName[] = ["fingerpost", "linear", "snapshot"];

/** A server with streams that look at what comes. */
export class Stage implements AsyncDisposable {
	readonly server: BenchServer;
	readonly changes: NumberedChanges;
	readonly streams: Followers;

	private constructor(server: BenchServer, changes: NumberedChanges, streams: Followers) {
		this.server = server;
		this.changes = changes;
		this.streams = streams;
	}

	/** Delta streams, all of which have their first answer. @param before is done when none of them is there yet. */
	static async set(
		name: ServerName,
		world: World,
		groups: readonly StreamGroup[],
		options: ScenarioOptions,
		before: (server: BenchServer) => Promise<void> = async () => {},
	): Promise<Stage> {
		const { recording, peers, profiles } = options;
		const server = await BenchServer.start(name, { ...world, recording, peers, profiles });
		try {
			await before(server);
			const streams = await Followers.connect(peers, { port: server.port, mode: "delta", groups });
			if (name === "fingerpost") {
				await writeRecording(recording, { mode: "delta", initial: Object.fromEntries(streams.initial), pushes: {} });
			}
			return new Stage(server, new NumberedChanges(server), streams);
		} catch (reason) {
			await server[Symbol.asyncDispose]();
			throw reason;
		}
	}

	get pid(): number {
		return this.server.pid;
	}

	/** The server's CPU time once it has nothing left to do. */
	settled(): Promise<number> {
		return settledCpuMicros(this.pid, this.server.idleMicros);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.streams[Symbol.asyncDispose]();
		await this.server[Symbol.asyncDispose]();
	}
}

/** So many services from a place on. */
export function serviceNames(count: number, from = 0): readonly string[] {
	return Array.from({ length: count }, (_, i) => serviceName(from + i));
}
