import { compareText } from "../../model/endpoint.js";
import type { Slice, SlicePort } from "./api/endpoint-slice.js";

export type ChosenPorts =
	| {
			/** The slices that have the wanted port, and its number. */
			readonly ports: ReadonlyMap<Slice, number>;
			/** The other slices, and why they do not count. */
			readonly notes: readonly string[];
			readonly choices?: undefined;
	  }
	| {
			/** Several ports are possible and none is named. */
			readonly choices: readonly string[];
	  };

/**
 * The port of each slice.
 * @param wanted the Service port's name or the pods' port number; undefined if there is only one to
 *   choose.
 */
export function choosePorts(slices: readonly Slice[], wanted: string | undefined): ChosenPorts {
	const ports = new Map<Slice, number>();
	const notes: string[] = [];
	const names = new Map<string, SlicePort>();
	const numbers = new Set<number>();
	for (const slice of slices) {
		const port = wanted === undefined ? anyPort(slice, names, numbers) : wantedPort(slice, wanted);
		if (port !== undefined) ports.set(slice, port);
		// The slice of a Service without pods is empty: it is not left out.
		else if (slice.endpoints.length > 0)
			notes.push(`${slice.name} is left out: it has no TCP port${wantedText(wanted)}${portsText(slice)}`);
	}
	// Pods may have different numbers for one named port; several names of one number are one port.
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
	// A slice port without a number means all ports.
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
