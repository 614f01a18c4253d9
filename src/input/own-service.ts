import { addressOf, type Endpoint, type Origin } from "../model/endpoint.js";
import type { Locality } from "../model/locality.js";
import {
	DEFAULT_CONNECT_TIMEOUT_MS,
	PROTOCOLS,
	type Protocol,
	type ServiceDefinition,
	serviceNameProblem,
} from "../model/service.js";
import { MAX_DURATION_MS } from "../util/duration.js";
import { FingerpostError } from "../util/errors.js";
import { didYouMean } from "../util/text/suggest.js";
import { check } from "./check.js";
import { InvalidEndpoints } from "./endpoint-file.js";
import { endpointListSchema } from "./endpoint-schema.js";
import { valueProblem } from "./problem.js";

/**
 * An endpoint as a program gives it: `127.0.0.1:8080`, or an address and port with what else is to be said of it. Health
 * is `healthy`, weight 100 and priority 0 unless given. A host name in place of the address is resolved by DNS.
 */
export type EndpointInput = string | EndpointParts;

/** Each key may be missing or undefined. */
type Parts<T> = { readonly [K in keyof T]?: T[K] | undefined };

export interface EndpointParts extends Parts<Omit<Endpoint, "address" | "port" | "locality" | "origin">> {
	/** An IPv4 or IPv6 literal without brackets, or a host name. */
	readonly address: string;
	/** 1–65535. */
	readonly port: number;
	/** Parts that are not given are empty. */
	readonly locality?: Parts<Locality> | undefined;
	/** The program's own word for where the endpoint came from, as `fingerpost services NAME -o wide` shows it. */
	readonly origin?: Partial<Origin> | undefined;
}

export interface ServiceOptions {
	/** What the endpoints speak; `http1` unless given. */
	readonly protocol?: Protocol;
	/** Milliseconds that Envoy waits for a connection to an endpoint; 5,000 unless given. */
	readonly connectTimeout?: number;
}

/**
 * The definition of a service that a program is the source of.
 * @throws InvalidEndpoints with every problem at once; FingerpostError INVALID_CONFIG for the name or an option.
 */
export function ownService(name: string, inputs: readonly EndpointInput[], options: ServiceOptions): ServiceDefinition {
	const { protocol = "http1", connectTimeout = DEFAULT_CONNECT_TIMEOUT_MS } = options;
	const service = `service ${JSON.stringify(name)}`;
	const wrong = nameProblem(name) ?? optionsProblem({ ...options, protocol, connectTimeout });
	if (wrong !== undefined) throw new FingerpostError("INVALID_CONFIG", `${service}: ${wrong}`);
	const written = Array.isArray(inputs) ? inputs.map(asWritten) : inputs;
	const { value, findings } = check(endpointListSchema, written, ["endpoints"]);
	if (findings) throw new InvalidEndpoints(findings.map((finding) => valueProblem(service, finding)));
	const at = new Date();
	const endpoints = value.map((e, i): Endpoint => ({ ...e, origin: { target: "inline", at, ...originOf(inputs[i]) } }));
	return { name, protocol, connectTimeout, targets: [], endpoints };
}

/** A program may be written without types. */
function nameProblem(name: unknown): string | undefined {
	return typeof name === "string" ? serviceNameProblem(name) : "a service name is a string";
}

function optionsProblem({ protocol, connectTimeout, ...others }: Required<ServiceOptions>): string | undefined {
	const [unknown] = Object.keys(others);
	if (unknown !== undefined) {
		return `unknown option ${JSON.stringify(unknown)}${didYouMean(unknown, ["protocol", "connectTimeout"])}`;
	}
	if (!PROTOCOLS.includes(protocol)) return `expected one of ${PROTOCOLS.join(", ")}, not ${protocol}`;
	if (Number.isInteger(connectTimeout) && connectTimeout >= 1 && connectTimeout <= MAX_DURATION_MS) return undefined;
	return `expected a connectTimeout of 1 to ${MAX_DURATION_MS} ms, a whole number, not ${connectTimeout}`;
}

/** As it would stand in a config, whose rules then hold for it. */
function asWritten(input: EndpointInput): unknown {
	if (typeof input !== "object" || input === null) return input;
	const { address, port, origin: _, ...rest } = input;
	const named = typeof address === "string" && port !== undefined;
	return { ...rest, address: named ? addressOf({ address, port }) : address };
}

function originOf(input: EndpointInput | undefined): Partial<Origin> | undefined {
	return typeof input === "object" ? input.origin : undefined;
}
