import { type Backend, startHttpBackend } from "../../../lab/backends.js";
import { Envoy } from "../../../lab/envoy.js";
import { envoyBootstrap } from "../../../lab/envoy-bootstrap.js";
import { FAULTS, type Fault, type FaultRow, type FaultySources, slugOf } from "../../../lab/faults/fault.js";
import { ManyLoads } from "../../../lab/faults/many-loads.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import { keptServices } from "../../../lab/kept-services.js";
import { onFreePort } from "../../../lab/ports.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { tempFolder } from "../../util/temp-folder.js";
import type { FaultTable } from "./fault-table.js";
import { TriedSources } from "./tried-sources.js";

/** Some providers wait for half a minute before they ask again, and a dead connection is noticed within a minute. */
const RECOVERED = { timeout: 180_000, interval: 100 };

/** Root may read every file unless it is run so: what is forbidden could not be tried. */
const UNPRIVILEGED = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];

/** How often a source that fails is asked at most. For DNS, each attempt is a dozen questions; a loop has thousands. */
const MOST_AT_ONCE = 100;
const MOST_A_SECOND = 2;

/** A service of the run: one provider, one fault, with a guard or without. */
export interface Cell {
	readonly service: string;
	/** The name of its row. */
	readonly provider: string;
	readonly fault: Fault;
	readonly guard: boolean;
}

export interface FaultRunOptions {
	/** The path of an Envoy. */
	readonly envoy: string;
	/** Those that run. */
	readonly rows: ReadonlyMap<FaultRow, FaultySources>;
	/** Whether the sources fail while Fingerpost is started again, with the state that it has on disk. */
	readonly state: boolean;
}

/** Every fault of every provider at once, with one Fingerpost, an Envoy and a steady load on what can be served. */
export class FaultRun implements AsyncDisposable {
	readonly #options: FaultRunOptions;
	readonly #owned = new AsyncDisposableStack();
	readonly #sources = new TriedSources();
	/** By name; their addresses are in the same order. */
	readonly #backends = new Map<string, Backend>();
	readonly cells: readonly Cell[];
	#stateFolder!: Awaited<ReturnType<typeof tempFolder>>;
	#fingerpost!: Fingerpost;
	/** Those whose endpoints count: with state, one that knows nothing yet. */
	#envoys: Envoy[] = [];
	#load!: ManyLoads;
	/** The services that hold nothing by the table. */
	#emptied: readonly string[] = [];
	#failingSince = 0;

	private constructor(options: FaultRunOptions) {
		this.#options = options;
		this.cells = [...options.rows.keys()].flatMap(({ name: provider }) =>
			FAULTS.flatMap((fault) =>
				[false, true].map((guard) => {
					return { service: `${provider}.${slugOf(fault)}${guard ? ".guarded" : ""}`, provider, fault, guard };
				}),
			),
		);
	}

	/** Starts all; what had started is ended if one fails. */
	static async start(options: FaultRunOptions): Promise<FaultRun> {
		const run = new FaultRun(options);
		try {
			// In Kubernetes those that go at once have one port.
			const port = await onFreePort((free) => run.#startBackend("a", 1, free));
			await run.#startBackend("b", 2, port);
			await run.#startBackend("c", 3, port);
			run.#stateFolder = run.#owned.use(await tempFolder());
			const { state, rows } = options;
			run.#owned.use(run.#sources);
			await run.#sources.make(rows, state ? "-restart" : "", [run.#address("a"), run.#address("c")]);
			if (!state) await run.#sources.begin((fault) => fault === "away at start");
			await run.#startServers();
		} catch (reason) {
			await run[Symbol.asyncDispose]();
			throw reason;
		}
		return run;
	}

	/** The load on what is to be held, and on nothing else. */
	async begin(table: FaultTable): Promise<void> {
		const { state } = this.#options;
		await this.#untilAll("kept", ({ fault }) => state || fault !== "away at start");
		const word = ({ provider, fault, guard }: Cell) => table.held(provider, fault, { guard, state });
		const held = (cell: Cell) => !word(cell).includes("none");
		this.#emptied = this.cells.filter((cell) => word(cell) === "none").map(({ service }) => service);
		this.#load.add(...this.cells.filter(held).map(({ service }) => service));
		await this.loaded();
	}

	/** Until each service that is under load has had some more answers. */
	async loaded(): Promise<void> {
		const before = this.#load.least;
		await waitUntil("all services have had answers", () => this.#load.least >= before + 5);
	}

	/** From now on all sources fail. */
	async fail(): Promise<void> {
		const { state } = this.#options;
		if (state) {
			const written = () => keptServices(this.#stateFolder.path).length;
			await waitUntil("the state of all services is on disk", () => written() >= this.cells.length);
			await this.#fingerpost.kill("SIGKILL");
		}
		// Without state, those that are away at the start are so already.
		await this.#sources.begin((fault) => state || fault !== "away at start");
		this.#failingSince = performance.now();
		if (!state) return;
		await this.#fingerpost.startAgain();
		this.#envoys.push(await this.#startEnvoy("late"));
		// How long it takes to start is not what is looked at.
		this.#failingSince = performance.now();
	}

	/**
	 * Once the sources have failed for so long, and what goes is gone, which takes longer on a busy machine: what the newest
	 * client holds of each service, in the table's words.
	 */
	async heldAt(seconds: number): Promise<ReadonlyMap<string, string>> {
		await waitUntil(`${seconds} s are over`, () => performance.now() - this.#failingSince >= seconds * 1_000);
		return await waitUntil("what goes is gone", async () => {
			const held = await this.#heldBy(this.#envoys.at(-1) as Envoy);
			const left = this.#emptied.filter((service) => held.get(service) !== "none");
			return left.length === 0 ? held : Promise.reject(new Error(left.join()));
		});
	}

	/** Until Fingerpost has said of each service that its source fails, but for those where nothing fails or nothing is heard. */
	async noticed(): Promise<void> {
		const failing = this.cells.filter(({ fault }) => fault !== "empty" && fault !== "hangs");
		await waitUntil("the failures are noticed", async () => {
			const states = new Map((await this.#fingerpost.services()).map(({ name, state }) => [name, state]));
			const others = failing.filter(({ service }) => !["stale", "unknown"].includes(states.get(service) ?? ""));
			return others.length === 0 || Promise.reject(new Error(others.map(({ service }) => service).join()));
		});
	}

	/** The sources have something else to say, and say so, until all clients have it. Then what is in use no more ends. */
	async recover(): Promise<void> {
		await this.#sources.end([this.#address("a"), this.#address("b")]);
		await this.#untilAll("new");
		await this.#backends.get("c")?.[Symbol.asyncDispose]();
	}

	/** What Fingerpost says of a service, for what a failed test shows. */
	async explain(service: string): Promise<string> {
		return JSON.stringify(await this.#fingerpost.service(service));
	}

	/** Requests that failed, what clients rejected, and sources that were asked in a loop. */
	async troubles(): Promise<readonly string[]> {
		const rejected = await Promise.all(this.#envoys.map((envoy) => envoy.rejected()));
		const seconds = (performance.now() - this.#failingSince) / 1_000;
		return [
			...this.#load.failures,
			...(await this.#fingerpost.nacks()),
			...rejected.filter((n) => n > 0).map((n) => `Envoy has rejected ${n} responses`),
			...this.#sources.askedMoreThan(MOST_AT_ONCE + MOST_A_SECOND * seconds),
		];
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#owned.disposeAsync();
	}

	/** Until all clients hold this of the services. */
	async #untilAll(words: string, which: (cell: Cell) => boolean = () => true): Promise<void> {
		for (const envoy of this.#envoys) {
			const all = async () => {
				const held = await this.#heldBy(envoy);
				const others = this.cells.filter((cell) => which(cell) && held.get(cell.service) !== words);
				if (others.length === 0) return true;
				const said = await this.explain(others[0]?.service ?? "");
				throw new Error(`${others.map(({ service }) => `${service}: ${held.get(service)}`).join(", ")}; ${said}`);
			};
			await waitUntil(`all clients hold what is ${words}`, all, RECOVERED);
		}
	}

	async #heldBy(envoy: Envoy): Promise<ReadonlyMap<string, string>> {
		const clusters = await envoy.clusters();
		const addresses = (...names: readonly string[]) => names.map((name) => this.#address(name)).join();
		const words = new Map([
			["", "none"],
			[addresses("a", "c"), "kept"],
			[addresses("a", "b"), "new"],
		]);
		return new Map(
			this.cells.map(({ service }) => {
				const hosts = clusters[service]?.map(({ address }) => address).sort();
				return [service, hosts ? (words.get(hosts.join()) ?? hosts.join()) : "no cluster"];
			}),
		);
	}

	async #startBackend(name: string, host: number, port: number): Promise<void> {
		this.#backends.set(name, this.#owned.use(await startHttpBackend(name, { host: `127.0.0.${host}`, port })));
	}

	#address(name: string): string {
		return this.#backends.get(name)?.address ?? "";
	}

	async #startServers(): Promise<void> {
		const { state } = this.#options;
		this.#fingerpost = this.#owned.use(
			await Fingerpost.start(
				{
					syncDeadline: "1s",
					...(state && { state: { directory: this.#stateFolder.path } }),
					providers: this.#sources.settings,
					services: Object.fromEntries(
						this.cells.map(({ service, provider, fault, guard }) => [
							service,
							this.#sources.service(provider, fault, guard),
						]),
					),
				},
				{ under: UNPRIVILEGED },
			),
		);
		this.#envoys.push(await this.#startEnvoy("early"));
		this.#load = this.#owned.use(new ManyLoads((this.#envoys[0] as Envoy).ingress));
	}

	#startEnvoy(node: string): Promise<Envoy> {
		const bootstrap = envoyBootstrap({ mode: "delta", xds: [this.#fingerpost.xdsPort], node });
		return Envoy.start(this.#options.envoy, bootstrap).then((envoy) => this.#owned.use(envoy));
	}
}
