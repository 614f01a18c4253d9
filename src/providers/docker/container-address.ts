import { compareText } from "../../model/endpoint.js";
import type { Container } from "./engine/container.js";

/** From where the containers are to be reached. */
export type Place =
	/** One network, whose name the settings give. */
	| { readonly kind: "network"; readonly network: string }
	/** A container of the same engine: by the networks that it shares. */
	| { readonly kind: "inside"; readonly networks: readonly string[] }
	/** The engine's own machine. */
	| { readonly kind: "local" }
	/** Another machine: by what the engine publishes at this host. */
	| { readonly kind: "remote"; readonly host: string };

export type Reached =
	| { readonly address: string; readonly port: number; readonly problem?: undefined }
	| { readonly problem: string };

/** Where a container's port is reached from a place, or why it is not. */
export function reach(container: Container, port: number, place: Place): Reached {
	const { networks, networkMode } = container;
	const names = [...networks.keys()].sort(compareText);
	const among = names.length === 0 ? "it is in none" : `it is in ${names.join(", ")}`;
	const onHost = networkMode === "host";
	switch (place.kind) {
		case "network": {
			const address = networks.get(place.network);
			if (address !== undefined) return { address, port };
			if (onHost && place.network === "host") return { address: "127.0.0.1", port };
			return { problem: `it has no address in the network ${place.network}; ${among}` };
		}
		case "inside": {
			const shared = names.find((name) => place.networks.includes(name));
			const address = shared === undefined ? undefined : networks.get(shared);
			if (address !== undefined) return { address, port };
			const own = place.networks.length === 0 ? "no network" : place.networks.join(", ");
			return { problem: `it shares no network with Fingerpost's container, which is in ${own}; ${among}` };
		}
		case "local": {
			if (onHost) return { address: "127.0.0.1", port };
			const address = networks.get(names[0] ?? "");
			return address === undefined ? publishedAt(container, port, "127.0.0.1") : { address, port };
		}
		case "remote":
			return onHost ? { address: place.host, port } : publishedAt(container, port, place.host);
	}
}

function publishedAt({ published }: Container, port: number, host: string): Reached {
	const found = published.find(({ inside }) => inside === port);
	if (!found) return { problem: `its port ${port} is not published, and no network leads to it from here` };
	const isAny = ["", "0.0.0.0", "::"].includes(found.ip);
	return { address: isAny ? host : found.ip, port: found.outside };
}
