/** How the config says of a service where its endpoints are: by a target, or written out. */
export type ServiceSource = { readonly target: string } | { readonly endpoints: readonly string[] };

/** One endpoint of a service. */
export interface ServiceEndpoint {
	readonly address: string;
	readonly port: number;
	readonly weight?: number;
}

export function serviceName(index: number): string {
	return `svc-${String(index).padStart(4, "0")}`;
}

/** Which of a service's endpoints is another in another variant. */
export const CHANGED = 5;

/** So many endpoints, ten unless given; the variant is the weight of one of them. */
export function serviceEndpoints(index: number, variant = 100, count = 10): readonly ServiceEndpoint[] {
	return Array.from({ length: count }, (_, i) => {
		const host = index * count + i;
		const address = `10.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}`;
		return { address, port: 8080, ...(i === CHANGED && { weight: variant }) };
	});
}

/** The same as values of a config. */
function endpointValues(index: number, variant = 100): readonly unknown[] {
	return serviceEndpoints(index, variant).map(({ address, port, weight }) =>
		weight === undefined ? `${address}:${port}` : { address: `${address}:${port}`, weight },
	);
}

/** A config of so many services with ten endpoints each, as JSON on one line: the variant is of one of them. */
export function configJson(count: number, changed: number, variant: number): string {
	const services = Array.from({ length: count }, (_, i) => [
		serviceName(i),
		{ endpoints: endpointValues(i, i === changed ? variant : 100) },
	]);
	return JSON.stringify({ services: Object.fromEntries(services) });
}

/** The same as they are written in a file. */
export function endpointList(index: number, variant = 100): readonly string[] {
	return serviceEndpoints(index, variant).map(({ address, port, weight }) =>
		weight === undefined ? `${address}:${port}` : `{address: "${address}:${port}", weight: ${weight}}`,
	);
}

/** A YAML list. */
export function listText(endpoints: readonly string[], indent = ""): string {
	return endpoints.map((endpoint) => `${indent}- ${endpoint}\n`).join("");
}

export function configText(services: ReadonlyMap<string, ServiceSource>): string {
	const lines = ["services:\n"];
	for (const [name, source] of services) {
		lines.push(`  ${name}:\n`);
		if ("target" in source) lines.push(`    target: ${source.target}\n`);
		else lines.push("    endpoints:\n", listText(source.endpoints, "      "));
	}
	return lines.join("");
}
