import type { Endpoint } from "../../model/endpoint.js";
import { parseEndpointAddress } from "../../model/endpoint-address.js";
import { differenceOf } from "../../model/list-difference.js";
import { sameValue } from "../../util/same-value.js";
import { check } from "../check.js";
import { InvalidEndpoints } from "../endpoint-file.js";
import { endpointListSchema } from "../endpoint-schema.js";
import type { EndpointInput, EndpointParts } from "./endpoint-input.js";
import { asWritten, originOf } from "./endpoint-input.js";
import { endpointIfValid } from "./own-endpoint.js";

/** An endpoint as it was given; of an object a copy, which its owner cannot change. */
type Known = string | KnownObject;

interface KnownObject {
	readonly parts: EndpointParts;
	/** How many keys it had: another one may be misspelt. */
	readonly keys: number;
}

/**
 * The endpoints that a program gave for a service, and what they were read as. Of the next list only what is said
 * otherwise is read; the rest stay the very same objects. It holds copies: what was given may be changed afterwards, and
 * counts when it is given again.
 */
export class GivenEndpoints {
	#known: readonly Known[] = [];
	#endpoints: readonly Endpoint[] = [];

	/**
	 * Reads a list, and remembers it if nothing is wrong.
	 * @param service what the problems are of, such as `service "web"`.
	 * @throws InvalidEndpoints with every problem at once.
	 */
	read(inputs: readonly EndpointInput[], service: string): readonly Endpoint[] {
		if (!Array.isArray(inputs)) return checked(inputs, [], service);
		const [before, endpoints] = [this.#known, this.#endpoints];
		const { start, endBefore, endAfter } = differenceOf<Known | EndpointInput>(before, inputs, isAgain);
		if (start === endBefore && start === endAfter) return endpoints;
		const between = new Map<string, number>();
		for (let i = start; i < endBefore; i++) between.set(keyOf(inputOf(before[i] as Known)), i);
		/** Where each of those between was before; -1 for what is to be read. */
		const places = Array.from(inputs.slice(start, endAfter), (input) => {
			const place = between.get(keyOf(input));
			return place !== undefined && isAgain(before[place] as Known, input) ? place : -1;
		});
		const others = places.flatMap((place, i) => (place === -1 ? [start + i] : []));
		const read = readAll(inputs, others, service);
		const at = new Date();
		let next = 0;
		const come = places.map((place, i): [Known, Endpoint] => {
			if (place !== -1) return [before[place] as Known, endpoints[place] as Endpoint];
			const input = inputs[start + i] as EndpointInput;
			const origin = { target: "inline", at, ...originOf(input) };
			return [copyOf(input), { ...(read[next++] as Endpoint), origin }];
		});
		this.#known = [...before.slice(0, start), ...come.map(([known]) => known), ...before.slice(endBefore)];
		this.#endpoints = [...endpoints.slice(0, start), ...come.map(([, e]) => e), ...endpoints.slice(endBefore)];
		return this.#endpoints;
	}
}

/** @param places of those to be read. */
function readAll(inputs: readonly EndpointInput[], places: readonly number[], service: string): readonly Endpoint[] {
	const read: Endpoint[] = [];
	for (const i of places) {
		const e = readOne(inputs[i] as EndpointInput);
		if (!e)
			return checked(
				places.map((place) => asWritten(inputs[place] as EndpointInput)),
				places,
				service,
			);
		read.push(e);
	}
	return read;
}

/** Undefined for what the schema is to say why it cannot be: that takes ten times as long. */
function readOne(input: EndpointInput): Endpoint | undefined {
	if (typeof input !== "string") return endpointIfValid(input);
	const parsed = parseEndpointAddress(input);
	return parsed.problem === undefined ? endpointIfValid(parsed) : undefined;
}

/** @param places of the items in the list that was given. */
function checked(written: unknown, places: readonly number[], service: string): readonly Endpoint[] {
	const { value, findings } = check(endpointListSchema, written);
	if (value) return value;
	const found = findings.map(({ path: [i, ...rest], message }) => ({
		path: ["endpoints", ...(i === undefined ? [] : [places[i as number] as number]), ...rest],
		message,
	}));
	throw InvalidEndpoints.of(service, found);
}

/** A program may be written without types, and give anything. */
function keyOf(input: EndpointInput): string {
	if (typeof input !== "object" || input === null) return String(input);
	return `${String(input.address)} ${String(input.port)}`;
}

function inputOf(known: Known): EndpointInput {
	return typeof known === "string" ? known : known.parts;
}

function copyOf(input: EndpointInput): Known {
	if (typeof input === "string") return input;
	const { locality, metadata, additionalAddresses, origin } = input;
	const parts = {
		...input,
		...(locality && { locality: { ...locality } }),
		...(metadata && { metadata: { ...metadata } }),
		...(additionalAddresses && { additionalAddresses: additionalAddresses.map((each) => ({ ...each })) }),
		...(origin && { origin: { ...origin } }),
	};
	return { parts, keys: Object.keys(input).length };
}

/** Revision and time of the origin do not count, as they do not in a provider's next answer. */
function isAgain(known: Known | EndpointInput, input: Known | EndpointInput): boolean {
	if (typeof known === "string" || typeof input !== "object" || input === null) return known === input;
	const { parts, keys } = known as KnownObject;
	const given = input as EndpointParts;
	return (
		parts.address === given.address &&
		parts.port === given.port &&
		parts.weight === given.weight &&
		parts.health === given.health &&
		parts.priority === given.priority &&
		parts.hostname === given.hostname &&
		sameValue(parts.locality, given.locality) &&
		sameValue(parts.metadata, given.metadata) &&
		sameValue(parts.additionalAddresses, given.additionalAddresses) &&
		parts.origin?.target === given.origin?.target &&
		parts.origin?.object === given.origin?.object &&
		keys === countKeys(given)
	);
}

/** Without a list of them: this is done for each endpoint of each list. */
function countKeys(of: object): number {
	let count = 0;
	for (const _ in of) count++;
	return count;
}
