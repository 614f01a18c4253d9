import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { dockerOptions } from "./docker-options.js";
import { DockerProvider } from "./docker-provider.js";
import { readDockerRegistry, readDockerTarget } from "./docker-target.js";

/** The `docker` provider: containers, compose services and Swarm services of an engine. */
export const dockerKind: ProviderKind<typeof dockerOptions> = {
	type: "docker",
	schemes: ["docker"],
	example: "docker:///web:8080",
	exampleAll: "docker:///*:8080",
	options: dockerOptions,
	check: checkBy(readDockerTarget),
	checkAll: checkBy(readDockerRegistry),
	create: (options) => new DockerProvider(options),
};
