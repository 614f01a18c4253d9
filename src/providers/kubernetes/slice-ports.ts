import { compareText } from "../../model/endpoint.js";
import type { Slice, SlicePort } from "./api/endpoint-slice.js";

export type ChosenPorts =
	| {
			/** The port of each slice that has the wanted one. */
			readonly ports: ReadonlyMap<Slice, number>;
			/** The slices that do not, and why. */
			readonly notes: readonly string[];
			readonly choices?: undefined;
	  }
	| {
			/** Several ports are possible and none is named. */
			readonly choices: readonly string[];
	  };

/**
 * The port of each slice.
 * @param wanted the Service port's name or the pods' port number; undefined if there is only one to choose.
 */
export function choosePorts(slices: readonly Slice[], wanted: string | undefined): ChosenPorts {
	const ports = new Map<Slice, number>();
	const notes: string[] = [];
	const names = new Map<string, SlicePort>();
	const numbers = new Set<number>();
	for (const slice of slices) {
		const port = wanted === undefined ? anyPort(slice, names, numbers) : wantedPort(slice, wanted);
		if (port !== undefined) ports.set(slice, port);
		// A Service without pods has a slice without anything: nothing is left out.
		else if (slice.endpoints.length > 0)
			notes.push(`${slice.name} is left out: it has no TCP port${wantedText(wanted)}${portsText(slice)}`);
	}
	// One name with several numbers is a named port of pods; several names for one number are one port.
	if (names.size > 1 && numbers.size > 1) {
		return { choices: [...names.values()].sort((a, b) => compareText(a.name, b.name)).map(portText) };
	}
	return { ports, notes };
}

function anyPort(slice: Slice, names: Map<string, SlicePort>, numbers: Set<number>): number | undefined {
	let first: number | undefined;
	for (const each of slice.ports) {
		if (each.protocol !== "TCP" || each.port === undefined) continue;
		names.set(each.name, each);
		numbers.add(each.port);
		first ??= each.port;
	}
	return first;
}

function wantedPort({ ports }: Slice, wanted: string): number | undefined {
	const tcp = ports.filter(({ protocol }) => protocol === "TCP");
	const named = tcp.find(({ name }) => name === wanted);
	if (named?.port !== undefined) return named.port;
	if (!/^\d+$/.test(wanted)) return undefined;
	const number = Number(wanted);
	// A headless Service may declare no port: its pods have every port (discovery/v1, EndpointSlice.ports).
	if (ports.length === 0) return number;
	// A port without a number is every port.
	return tcp.some(({ port }) => port === undefined || port === number) ? number : undefined;
}

function wantedText(wanted: string | undefined): string {
	if (wanted === undefined) return "";
	return /^\d+$/.test(wanted) ? ` ${wanted}` : ` "${wanted}"`;
}

function portsText({ ports }: Slice): string {
	return ports.length === 0 ? "" : `; there is ${ports.map(portText).join(", ")}`;
}

function portText({ name, port, protocol }: SlicePort): string {
	const number = `${port ?? "every port"}${protocol === "TCP" ? "" : `/${protocol}`}`;
	return name === "" ? number : `${name} (${number})`;
}
