import { homedir } from "node:os";
import { join } from "node:path";
import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { type FingerpostError, ServiceNotFound, SourceFailed } from "../../util/errors.js";
import type { Provider, RegistryObserver, TargetObserver } from "../provider.js";
import { invalidTarget, readOrThrow } from "../read-target.js";
import type { Place } from "./container-address.js";
import { endpointsOfContainers, noContainer } from "./container-endpoints.js";
import { ContainerIndex } from "./container-index.js";
import { ContainerServices } from "./container-services.js";
import type { DockerOptions } from "./docker-options.js";
import { type DockerTarget, readDockerRegistry, readDockerTarget } from "./docker-target.js";
import type { Container } from "./engine/container.js";
import { ContainerList } from "./engine/container-list.js";
import { DEFAULT_TIMING, type DockerTiming } from "./engine/docker-timing.js";
import { DEFAULT_SOCKET, type EngineAddress, parseEngineAddress } from "./engine/engine-address.js";
import { EngineClient } from "./engine/engine-client.js";
import { FollowEngine } from "./engine/follow-engine.js";
import { ownContainerId } from "./engine/own-container.js";

export interface DockerParts {
	readonly timing?: DockerTiming;
	readonly environment?: Readonly<Record<string, string | undefined>>;
	/** The id of the container that this is, as far as it is known. */
	readonly ownId?: () => string | undefined;
	readonly platform?: NodeJS.Platform;
}

interface RegistryView {
	readonly services: ContainerServices;
	readonly observer: RegistryObserver;
}

interface View {
	readonly target: DockerTarget;
	readonly observer: TargetObserver;
}

/** `docker:///name:port`: the containers of that name, or of a compose or Swarm service; one list for all targets. */
export class DockerProvider implements Provider {
	readonly #options: DockerOptions;
	readonly #parts: Required<DockerParts>;
	readonly #views = new Set<View>();
	readonly #registries = new Set<RegistryView>();
	#follow: FollowEngine | undefined;
	#containers: readonly Container[] | undefined;
	/** Why the list may be out of date. */
	#error: FingerpostError | undefined;
	/** Looked up once: it does not change while this runs. */
	#own: { readonly id: string | undefined } | undefined;

	constructor(options: DockerOptions, parts: DockerParts = {}) {
		this.#options = options;
		this.#parts = {
			timing: DEFAULT_TIMING,
			environment: process.env,
			ownId: ownContainerId,
			platform: process.platform,
			...parts,
		};
	}

	/**
	 * Lists the containers once.
	 * @throws ServiceNotFound if none of the name runs, SourceFailed if the engine does not answer or it is not clear which
	 *   containers or which port is meant, InvalidTarget, the signal's reason.
	 */
	async discover(target: Target, { signal }: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		signal.throwIfAborted();
		const read = readOrThrow(target, readDockerTarget);
		const containers = await new ContainerList(this.#client()).read(signal);
		const answer = endpointsOfContainers(new ContainerIndex(containers), read, this.#place(containers));
		if (answer.failure) throw answer.failure;
		if (!answer.found) throw new ServiceNotFound(`"${target.text}": ${noContainer(read)}`);
		return answer.endpoints;
	}

	watch(target: Target, observer: TargetObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const read = readDockerTarget(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		const view: View = { target: read, observer };
		if (!this.#begin(view, observer, signal)) return;
		if (this.#containers) this.#tell([view], this.#containers);
		// It may have left meanwhile.
		if (this.#error && this.#views.has(view)) observer.failed(this.#error);
	}

	watchAll(target: Target, observer: RegistryObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const read = readDockerRegistry(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		const view: RegistryView = { services: new ContainerServices(read), observer };
		if (!this.#begin(view, observer, signal)) return;
		if (this.#containers) this.#tellRegistries([view], this.#containers);
		if (this.#error && this.#registries.has(view)) observer.failed(this.#error);
	}

	/** @returns whether the engine is followed already: then something may be known of it. */
	#begin(view: View | RegistryView, { failed }: Pick<TargetObserver, "failed">, signal: AbortSignal): boolean {
		let client: EngineClient;
		try {
			client = this.#client();
		} catch (error) {
			// DOCKER_HOST is none of the config's: nobody has checked it.
			failed.call(view.observer, SourceFailed.from(error, "SOURCE_FAILED"));
			return false;
		}
		if ("services" in view) this.#registries.add(view);
		else this.#views.add(view);
		signal.addEventListener("abort", () => this.#leave(view), { once: true });
		if (this.#follow) return true;
		this.#follow = new FollowEngine(client, this, this.#parts.timing);
		this.#follow.start();
		return false;
	}

	/** For the follower. */
	listed(containers: readonly Container[]): void {
		this.#containers = containers;
		this.#error = undefined;
		const before = [...this.#views];
		// First, so that of a service that goes nobody is told that it has no endpoints.
		this.#tellRegistries([...this.#registries], containers);
		this.#tell(before, containers);
	}

	/** For the follower. */
	failed(error: FingerpostError): void {
		this.#error = error;
		for (const view of [...this.#registries]) if (this.#registries.has(view)) view.observer.failed(error);
		for (const view of [...this.#views]) if (this.#views.has(view)) view.observer.failed(error);
	}

	#leave(view: View | RegistryView): void {
		if ("services" in view) this.#registries.delete(view);
		else this.#views.delete(view);
		if (this.#views.size > 0 || this.#registries.size > 0) return;
		this.#follow?.stop();
		this.#follow = undefined;
		this.#containers = undefined;
		this.#error = undefined;
	}

	#tellRegistries(views: readonly RegistryView[], containers: readonly Container[]): void {
		for (const view of views) {
			if (!this.#registries.has(view)) continue;
			const { services, observer } = view;
			services.update(containers);
			observer.services(services.list, { notes: services.notes });
		}
	}

	#tell(views: readonly View[], containers: readonly Container[]): void {
		const place = this.#place(containers);
		const index = new ContainerIndex(containers);
		for (const view of views) {
			// One that is told may end others.
			if (!this.#views.has(view)) continue;
			const answer = endpointsOfContainers(index, view.target, place);
			if (answer.failure) view.observer.failed(answer.failure);
			else view.observer.endpoints(answer.endpoints, { notes: answer.notes });
		}
	}

	/** @throws SourceFailed if DOCKER_HOST is no address. */
	#address(): EngineAddress {
		const text = this.#options.socket ?? (this.#parts.environment.DOCKER_HOST || DEFAULT_SOCKET);
		const address = parseEngineAddress(text);
		if (typeof address === "string") throw new SourceFailed(`DOCKER_HOST: ${address}, not ${JSON.stringify(text)}`);
		return address;
	}

	#client(): EngineClient {
		const address = this.#address();
		const { DOCKER_TLS_VERIFY, DOCKER_CERT_PATH } = this.#parts.environment;
		const isSecure = Boolean(DOCKER_TLS_VERIFY) && address.socketPath === undefined;
		return new EngineClient({
			address,
			answer: this.#parts.timing.answer,
			certificates: isSecure ? DOCKER_CERT_PATH || join(homedir(), ".docker") : undefined,
		});
	}

	#place(containers: readonly Container[]): Place {
		const { network } = this.#options;
		if (network !== undefined) return { kind: "network", network };
		this.#own ??= { id: this.#parts.ownId() };
		const { id } = this.#own;
		const own = id === undefined ? undefined : containers.find((each) => each.id.startsWith(id));
		if (own && own.networkMode !== "host") return { kind: "inside", networks: [...own.networks.keys()] };
		const address = this.#address();
		const host = address.socketPath === undefined ? address.host : "127.0.0.1";
		// Elsewhere the engine runs in a machine of its own, to which only published ports lead.
		return this.#parts.platform === "linux" && isThisMachine(host) ? { kind: "local" } : { kind: "remote", host };
	}
}

function isThisMachine(host: string): boolean {
	return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
