/** An EndpointSlice as it is sent to and by an API server. */
export interface SliceObject {
	readonly apiVersion: "discovery.k8s.io/v1";
	readonly kind: "EndpointSlice";
	readonly metadata: {
		readonly name: string;
		readonly namespace: string;
		readonly resourceVersion?: string;
		readonly labels?: Readonly<Record<string, string>>;
		readonly annotations?: Readonly<Record<string, string>>;
	};
	readonly addressType: string;
	readonly ports: readonly Readonly<Record<string, unknown>>[] | null;
	readonly endpoints: readonly Readonly<Record<string, unknown>>[] | null;
}

export interface SliceParts {
	/** The slice's name; that of the service with `-1` unless given. */
	readonly name?: string;
	readonly namespace?: string;
	readonly addressType?: string;
	readonly labels?: Readonly<Record<string, string>>;
	readonly annotations?: Readonly<Record<string, string>>;
	/** `http:8080`, `8080`, `dns:53/UDP`, `every:` (no number). */
	readonly ports?: readonly string[];
	/** `10.0.0.1`; the conditions that are given follow: `10.0.0.1 !ready serving terminating`. Or whole objects. */
	readonly endpoints?: readonly (string | Readonly<Record<string, unknown>>)[];
}

/** A slice of a service: in the namespace `shop`, IPv4, one unnamed port 80 unless something else is said. */
export function sliceObject(service: string, parts: SliceParts = {}): SliceObject {
	const { name = `${service}-1`, namespace = "shop", addressType = "IPv4", labels, annotations } = parts;
	const { ports = ["80"], endpoints = [] } = parts;
	return {
		apiVersion: "discovery.k8s.io/v1",
		kind: "EndpointSlice",
		metadata: {
			name,
			namespace,
			labels: { "kubernetes.io/service-name": service, ...labels },
			...(annotations === undefined ? {} : { annotations }),
		},
		addressType,
		ports: ports.map(portOf),
		endpoints: endpoints.map((each) => (typeof each === "string" ? endpointOf(each) : each)),
	};
}

function portOf(text: string): Readonly<Record<string, unknown>> {
	const [, name = "", number = "", protocol = "TCP"] = /^(?:([^:]*):)?(\d*)(?:\/(.*))?$/.exec(text) ?? [];
	return { name, protocol, ...(number === "" ? {} : { port: Number(number) }) };
}

function endpointOf(text: string): Readonly<Record<string, unknown>> {
	const [address, ...words] = text.split(" ");
	const conditions = Object.fromEntries(words.map((word) => [word.replace("!", ""), !word.startsWith("!")]));
	return { addresses: [address], conditions };
}
