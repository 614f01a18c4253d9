import { FakeDocker } from "../../../lab/fake-docker.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { dockerOptions } from "../../../src/providers/docker/docker-options.js";
import { type DockerParts, DockerProvider } from "../../../src/providers/docker/docker-provider.js";
import { DEFAULT_TIMING, type DockerTiming } from "../../../src/providers/docker/engine/docker-timing.js";
import { tempFolder } from "../../util/temp-folder.js";
import { Told } from "../dns/told.js";

/** Waits in a fraction of a second; limits that nothing reaches. */
const QUICK: DockerTiming = {
	...DEFAULT_TIMING,
	...{ answer: 30_000, interval: 30_000, swarmInterval: 50, minInterval: 10, steady: 100, backoff: [20, 100] },
};

export interface DockerLab extends AsyncDisposable {
	readonly docker: FakeDocker;
	provider(options?: Readonly<Record<string, unknown>>, parts?: LabParts): DockerProvider;
}

export interface LabParts extends Omit<DockerParts, "timing"> {
	readonly timing?: Partial<DockerTiming>;
}

export async function dockerLab(): Promise<DockerLab> {
	const folder = await tempFolder();
	const docker = await FakeDocker.start(folder.path);
	return {
		docker,
		provider: (options = {}, { timing, ...parts } = {}) =>
			new DockerProvider(dockerOptions.parse({ socket: docker.url, ...options }), {
				...{ ownId: () => undefined, platform: "linux", environment: {} },
				...parts,
				timing: { ...QUICK, ...timing },
			}),
		async [Symbol.asyncDispose]() {
			await docker[Symbol.asyncDispose]();
			await folder[Symbol.asyncDispose]();
		},
	};
}

export interface WatchedContainers extends Disposable {
	readonly told: Told;
	/** Until this is what was told last. */
	is(expected: string | RegExp): Promise<void>;
}

/** Watches until the end of the block. */
export function watching(provider: DockerProvider, text: string): WatchedContainers {
	const told = new Told();
	const controller = new AbortController();
	provider.watch(parseTarget(text), told, { signal: controller.signal });
	const matches = (expected: string | RegExp, seen = "?") =>
		typeof expected === "string" ? seen === expected : expected.test(seen);
	return {
		told,
		is: async (expected) => {
			const seen = () => Promise.reject(new Error(told.all.slice(-10).join("\n")));
			await waitUntil(`it is told ${expected}`, () => matches(expected, told.last) || seen());
		},
		[Symbol.dispose]: () => controller.abort(),
	};
}
