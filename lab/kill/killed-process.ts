import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fingerpost } from "../fingerpost.js";
import { keptServices } from "../kept-services.js";
import { waitUntil } from "../wait-until.js";

const NAMES = Array.from({ length: 20 }, (_, i) => `s${i}`);
/** Milliseconds in which all changes before it is killed. */
const LEAST_MS = 50;
const MOST_MS = 650;
/** The port of a generation is so much more than its number. */
const FIRST_PORT = 1_000;

/** What a service has in its generation: another number of endpoints each time, all of them with the generation's port. */
function list(generation: number): readonly string[] {
	return Array.from({ length: 1 + (generation % 5) }, (_, i) => `127.0.1.${i + 1}:${FIRST_PORT + generation}`);
}

/**
 * A Fingerpost with a state directory whose files and config change all the time, until it is killed. Each time it has to
 * start again with what it had, while its sources are away.
 */
export class KilledProcess implements AsyncDisposable {
	readonly #server: Fingerpost;
	readonly #state: string;
	#generation = 0;

	private constructor(server: Fingerpost, state: string) {
		this.#server = server;
		this.#state = state;
	}

	static async start(): Promise<KilledProcess> {
		const state = await mkdtemp(join(tmpdir(), "fingerpost-state-"));
		// What the config lets go stays for longer than a run takes.
		const settings = { state: { directory: state }, removalGrace: "1h", guard: "off" as const };
		const killed = new KilledProcess(await Fingerpost.start({ ...settings, services: {} }), state);
		try {
			const folder = killed.#server.folder;
			await killed.#changeAll();
			await killed.#server.setServices(
				Object.fromEntries(NAMES.map((name) => [name, `file://${join(folder, `${name}.yaml`)}`])),
			);
			await killed.#untilNewest();
			// What came a moment ago is not kept yet.
			await waitUntil("each is kept", () => keptServices(state).length >= NAMES.length);
			return killed;
		} catch (error) {
			await killed[Symbol.asyncDispose]();
			throw error;
		}
	}

	/**
	 * Changes everything for a random time, kills it with SIGKILL, and starts it without its sources.
	 * @param random numbers from 0 up to 1.
	 * @returns what is wrong with what it serves then: nothing unless it was never served before.
	 */
	async kill(random: () => number): Promise<readonly string[]> {
		const until = performance.now() + LEAST_MS + random() * (MOST_MS - LEAST_MS);
		while (performance.now() < until) await this.#changeAll();
		await this.#server.kill("SIGKILL");
		for (const name of NAMES) await rm(join(this.#server.folder, `${name}.yaml`));
		await this.#server.startAgain();
		const wrong: string[] = [];
		for (const [name, addresses] of await this.#served()) {
			if (!this.#wasWritten(addresses)) wrong.push(`${name}: ${addresses.join() || "nothing"}`);
		}
		await this.#changeAll();
		await this.#untilNewest();
		return wrong;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#server[Symbol.asyncDispose]();
		await rm(this.#state, { recursive: true, force: true });
	}

	/** Another generation of all files, and a config with another service, one less, or another endpoint of it. */
	async #changeAll(): Promise<void> {
		const generation = ++this.#generation;
		const text = JSON.stringify(list(generation));
		for (const name of NAMES) await this.#server.writeFile(`${name}.yaml`, text);
		const comes = generation % 3 > 0;
		await this.#server.setServices({ comes: comes ? { endpoints: list(generation) } : undefined });
	}

	/** Whether it is the whole list of a generation that there was. */
	#wasWritten(addresses: readonly string[]): boolean {
		const generation = Number(addresses[0]?.split(":")[1]) - FIRST_PORT;
		const isOne = generation > 0 && generation <= this.#generation;
		return isOne && addresses.toSorted().join() === list(generation).toSorted().join();
	}

	async #untilNewest(): Promise<void> {
		const newest = `:${FIRST_PORT + this.#generation}`;
		await waitUntil("all is new", async () =>
			[...(await this.#served())].every(
				([, addresses]) => addresses.length > 0 && addresses.every((each) => each.endsWith(newest)),
			),
		);
	}

	/** The addresses of each service whose source is a file. */
	async #served(): Promise<ReadonlyMap<string, readonly string[]>> {
		const all = NAMES.map(async (name) => {
			const { items = [] } = await this.#server.service(name);
			return [name, items.map(({ address, port }) => `${address}:${port}`)] as const;
		});
		return new Map(await Promise.all(all));
	}
}
