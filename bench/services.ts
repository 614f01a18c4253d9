/** How the config says of a service where its endpoints are: by a target, or written out. */
export type ServiceSource = { readonly target: string } | { readonly endpoints: readonly string[] };

export function serviceName(index: number): string {
	return `svc-${String(index).padStart(4, "0")}`;
}

/** Ten endpoints; the variant is the weight of one of them. */
export function endpointList(index: number, variant = 100): readonly string[] {
	return Array.from({ length: 10 }, (_, i) => {
		const address = `10.${index >> 8}.${index & 255}.${i + 1}:8080`;
		return i === 5 ? `{address: "${address}", weight: ${variant}}` : address;
	});
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
