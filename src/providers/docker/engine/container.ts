import { SourceFailed } from "../../../util/errors.js";

/** What a container's own health check says; `none` where it has none. */
export type ContainerHealth = "none" | "starting" | "healthy" | "unhealthy";

/** What of a running container counts, or of a task of a Swarm service on any node. */
export interface Container {
	readonly id: string;
	/** Without the engine's slash. */
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	/** `running`, `paused`, … */
	readonly state: string;
	readonly health: ContainerHealth;
	/** TCP ports that it exposes, each once. */
	readonly exposed: readonly number[];
	readonly published: readonly PublishedPort[];
	/** Its address in each network that it has one in. */
	readonly networks: ReadonlyMap<string, string>;
	/** `host`, `bridge`, `container:ID`, or the name of a network. */
	readonly networkMode: string;
}

/** A port of a container that can be reached at the engine's host. */
export interface PublishedPort {
	/** The host's address; 0.0.0.0 and :: for all. */
	readonly ip: string;
	readonly inside: number;
	readonly outside: number;
}

/** The list of the running containers. @throws SourceFailed if it is none. */
export function readContainers(list: unknown): readonly Container[] {
	if (!Array.isArray(list)) throw new SourceFailed("the engine's list of containers is no list");
	const all = list.map(readContainer);
	const byId = new Map(all.map((container) => [container.id, container]));
	return all.map((container) => {
		// One that is in the network of another has no addresses of its own.
		const [, id] = /^container:(.+)$/.exec(container.networkMode) ?? [];
		const other = id === undefined ? undefined : byId.get(id);
		return other ? { ...container, networks: other.networks, networkMode: other.networkMode } : container;
	});
}

function readContainer(item: unknown): Container {
	const { Id, Names, Labels, State, Status, Health, Ports, NetworkSettings, HostConfig } = table(item);
	if (typeof Id !== "string" || Id === "")
		throw new SourceFailed("the engine's list of containers has one without an Id");
	const names = Array.isArray(Names) ? Names.filter((name) => typeof name === "string") : [];
	// A name with a second slash is a link from another container.
	const own = names.find((name) => /^\/?[^/]+$/.test(name)) ?? Id.slice(0, 12);
	const ports = (Array.isArray(Ports) ? Ports : []).map(table).filter(({ Type }) => Type === "tcp");
	return {
		id: Id,
		name: own.replace(/^\//, ""),
		labels: textsOf(Labels),
		state: typeof State === "string" ? State : "",
		health: healthOf(Health, Status),
		exposed: [...new Set(ports.map(({ PrivatePort }) => Number(PrivatePort)).filter(isPort))],
		published: ports
			.map(({ IP, PrivatePort, PublicPort }) => ({
				ip: typeof IP === "string" ? IP : "",
				inside: Number(PrivatePort),
				outside: Number(PublicPort ?? 0),
			}))
			.filter(({ outside }) => isPort(outside)),
		networks: addressesOf(table(NetworkSettings).Networks),
		networkMode: String(table(HostConfig).NetworkMode ?? ""),
	};
}

/** The engine's newer versions say it by itself, all say it in the status: `Up 2 hours (healthy)`. */
function healthOf(health: unknown, status: unknown): ContainerHealth {
	const text = table(health).Status ?? /\((?:health: )?(starting|healthy|unhealthy)\)$/.exec(String(status ?? ""))?.[1];
	return text === "starting" || text === "healthy" || text === "unhealthy" ? text : "none";
}

function addressesOf(networks: unknown): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	for (const [name, network] of Object.entries(table(networks))) {
		const { IPAddress, GlobalIPv6Address } = table(network);
		const address = IPAddress || GlobalIPv6Address;
		if (typeof address === "string" && address !== "") found.set(name, address);
	}
	return found;
}

/** A table of the engine's JSON; an empty one for anything else. */
export function table(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The entries whose values are texts. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
	return Object.fromEntries(
		Object.entries(table(value)).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
	);
}

export function isPort(port: number): boolean {
	return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
