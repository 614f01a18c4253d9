import { addressOf, type Endpoint, type Origin, type OtherAddress } from "../../model/endpoint.js";
import type { Locality } from "../../model/locality.js";

/**
 * An endpoint as a program gives it: `127.0.0.1:8080`, or an address and port with what else is to be said of it. Health
 * is `healthy`, weight 100 and priority 0 unless given. A host name in place of the address is resolved by DNS.
 */
export type EndpointInput = string | EndpointParts;

/** Each key may be missing or undefined. */
export type Parts<T> = { readonly [K in keyof T]?: T[K] | undefined };

export interface EndpointParts
	extends Parts<Omit<Endpoint, "address" | "port" | "locality" | "origin" | "targetShare">> {
	/** An IPv4 or IPv6 literal without brackets, or a host name. */
	readonly address: string;
	/** 1–65535. */
	readonly port: number;
	/** Parts that are not given are empty. */
	readonly locality?: Parts<Locality> | undefined;
	/** The program's own word for where the endpoint came from, as `fingerpost services NAME -o wide` shows it. */
	readonly origin?: Partial<Origin> | undefined;
	/** Of no account: what was discovered may be given as it is. */
	readonly url?: string | undefined;
	/** Of no account: what was discovered may be given as it is. */
	readonly ready?: boolean | undefined;
	/** Of no account: what was discovered may be given as it is. */
	readonly targetShare?: Endpoint["targetShare"] | undefined;
}

/** As it would stand in a config, whose rules then hold for it. */
export function asWritten(input: EndpointInput): unknown {
	if (typeof input !== "object" || input === null) return input;
	const {
		address,
		port,
		origin: _,
		url: _url,
		ready: _ready,
		targetShare: _share,
		additionalAddresses,
		...rest
	} = input;
	const named = typeof address === "string" && port !== undefined;
	return {
		...rest,
		address: named ? addressOf({ address, port }) : address,
		...(additionalAddresses !== undefined && { additionalAddresses: textsOf(additionalAddresses) }),
	};
}

/** A program may be written without types. */
function textsOf(addresses: readonly OtherAddress[]): unknown {
	return Array.isArray(addresses) ? addresses.map((each) => (each?.address ? addressOf(each) : each)) : addresses;
}

export function originOf(input: EndpointInput | undefined): Partial<Origin> | undefined {
	return typeof input === "object" ? input.origin : undefined;
}
