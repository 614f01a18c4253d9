import type { ConfigChange } from "./config-change.js";
import type { FanOutCase, Sample } from "./fan-out.js";
import type { FileToEnvoy } from "./file-to-envoy.js";
import type { KubernetesSize } from "./kubernetes-size.js";
import type { ProviderDelay } from "./providers.js";
import type { RegistrySize } from "./registry-size.js";
import type { ScenarioResult } from "./run-scenario.js";
import type { Scale } from "./scale/scale.js";
import type { ServerName } from "./servers.js";
import type { StateCost } from "./state-cost.js";
import type { Mode } from "./subscriber.js";
import type { TlsCost } from "./tls-cost.js";
import type { ZoneCosts } from "./zones.js";

/** One case in one mode: the medians over the rounds. */
export interface FanOutResult extends Pick<FanOutCase, "name" | "services" | "endpoints" | "streams" | "wanted"> {
	readonly mode: Mode;
	/** How many streams a measured change reaches. */
	readonly receivers: number;
	readonly medians: Partial<Readonly<Record<ServerName, Sample>>>;
	/** Of each round, so that the spread can be seen. */
	readonly samples: Partial<Readonly<Record<ServerName, readonly Sample[]>>>;
}

export interface Results {
	readonly at: string;
	readonly node: string;
	readonly machine: {
		readonly cpu: string;
		readonly cores: number;
		readonly load: { readonly before: number; after: number };
	};
	readonly rounds: number;
	readonly fanOut: readonly FanOutResult[];
	readonly scenarios?: readonly ScenarioResult[];
	readonly configChanges?: readonly ConfigChange[];
	readonly fileToEnvoy?: readonly FileToEnvoy[] | { readonly missing: string };
	readonly providers?: readonly ProviderDelay[];
	readonly kubernetesSize?: readonly KubernetesSize[] | { readonly missing: string };
	readonly registrySizes?: readonly RegistrySize[];
	readonly tls?: TlsCost;
	readonly zones?: readonly ZoneCosts[];
	readonly state?: StateCost;
	readonly scale?: Scale;
}
