import {
	DEFAULT_WEIGHT,
	type Endpoint,
	HEALTHS,
	MAX_PRIORITY,
	MAX_WEIGHT,
	type Origin,
	type OtherAddress,
} from "../../model/endpoint.js";
import { canonicalAddress, hostProblem, otherAddressProblem } from "../../model/endpoint-address.js";
import { type Locality, NO_LOCALITY } from "../../model/locality.js";
import { isMetadataValue } from "../../model/metadata.js";
import { didYouMean } from "../../util/text/suggest.js";
import { describe } from "../check.js";
import { InvalidEndpoints } from "../endpoint-file.js";
import type { Finding } from "../problem.js";
import type { EndpointParts, Parts } from "./endpoint-input.js";

/** An endpoint's address and port, and what else is to be said of it. */
export interface EndpointFields extends Omit<EndpointParts, "origin"> {
	readonly origin?: Origin | undefined;
}

type Found = Pick<Finding, "path" | "message">;
/** What is wrong with the value of a field. */
type Rule = (value: unknown) => string | readonly Found[] | undefined;

const RULES: Readonly<Record<Exclude<keyof Endpoint, "targetShare">, Rule>> = {
	address: (value) => {
		if (typeof value !== "string") return `expected a string, not ${describe(value)}`;
		if (value === "") return "is empty; expected an IP address or a host name";
		return /^\[.*\]$/.test(value) ? "an IPv6 address has no brackets here" : hostProblem(value);
	},
	port: wholeNumber(1, 65_535),
	health: (value) =>
		HEALTHS.includes(value as Endpoint["health"])
			? undefined
			: `expected one of ${HEALTHS.join(", ")}, not ${describe(value)}${typeof value === "string" ? didYouMean(value, HEALTHS) : ""}`,
	weight: wholeNumber(0, MAX_WEIGHT),
	priority: wholeNumber(0, MAX_PRIORITY),
	locality: texts(["region", "zone", "subZone"]),
	hostname: (value) => (value === "" ? "is empty; leave it out" : noText(value)),
	metadata: metadataProblems,
	additionalAddresses: otherAddresses,
	origin: (value) => (typeof value === "object" ? undefined : `expected {target, …}, not ${describe(value)}`),
};

/** Of what was discovered, which may be taken over as it is. */
const PASSED_OVER: readonly string[] = ["url", "ready", "targetShare"];

/**
 * An endpoint of the parts given; the others get their defaults: health `unknown`, weight 100, priority 0. An IPv6
 * address gets its canonical text.
 * @throws InvalidEndpoints with every problem at once, each with the field that it is of.
 */
export function endpoint(parts: EndpointFields): Endpoint {
	const findings = problemsOf(parts);
	if (findings.length > 0) throw InvalidEndpoints.of("endpoint", findings);
	return { ...filled(parts, "unknown"), ...(parts.origin !== undefined && { origin: parts.origin }) };
}

/** The same without its origin, of health `healthy` unless given; undefined where something cannot be. */
export function endpointIfValid(parts: EndpointParts): Endpoint | undefined {
	return problemsOf(parts).length === 0 ? filled(parts, "healthy") : undefined;
}

function filled(parts: EndpointParts, usual: Endpoint["health"]): Endpoint {
	const { address, port, health, weight, priority, locality, hostname, metadata, additionalAddresses } = parts;
	return {
		address: canonicalAddress(address),
		port,
		health: health ?? usual,
		weight: weight ?? DEFAULT_WEIGHT,
		priority: priority ?? 0,
		locality: locality ? whole(locality) : NO_LOCALITY,
		...(hostname !== undefined && { hostname }),
		...(metadata !== undefined && { metadata: { ...metadata } }),
		...(additionalAddresses && { additionalAddresses: additionalAddresses.map(canonical) }),
	};
}

/** A program may be written without types. */
function problemsOf(parts: unknown): readonly Found[] {
	if (typeof parts !== "object" || parts === null) {
		return [{ path: [], message: `expected {address, port, …}, not ${describe(parts)}` }];
	}
	const given = parts as Readonly<Record<string, unknown>>;
	const findings: Found[] = [];
	for (const key of ["address", "port"])
		if (given[key] === undefined) findings.push({ path: [key], message: "is missing" });
	for (const key of Object.keys(given)) {
		const value = given[key];
		if (value === undefined || PASSED_OVER.includes(key)) continue;
		const problem = Object.hasOwn(RULES, key) ? RULES[key as keyof typeof RULES](value) : unknownField(key);
		if (problem === undefined) continue;
		if (typeof problem === "string") findings.push({ path: [key], message: problem });
		else findings.push(...problem.map(({ path, message }) => ({ path: [key, ...path], message })));
	}
	return findings;
}

function unknownField(key: string): string {
	return `there is no such field${didYouMean(key, Object.keys(RULES))}`;
}

function wholeNumber(least: number, most: number): Rule {
	return (value) =>
		Number.isInteger(value) && (value as number) >= least && (value as number) <= most
			? undefined
			: `expected a whole number from ${least} to ${most}, not ${describe(value)}`;
}

function canonical({ address, port }: OtherAddress): OtherAddress {
	return { address: canonicalAddress(address), port };
}

function otherAddresses(value: unknown): string | readonly Found[] | undefined {
	if (!Array.isArray(value)) return `expected a list of {address, port}, not ${describe(value)}`;
	const found = value.flatMap((each, i): Found[] => {
		const problem = otherAddressProblem(each);
		return problem === undefined ? [] : [{ path: [String(i)], message: problem }];
	});
	return found.length > 0 ? found : undefined;
}

function noText(value: unknown): string | undefined {
	return typeof value === "string" ? undefined : `expected a string, not ${describe(value)}`;
}

function metadataProblems(value: unknown): string | readonly Found[] | undefined {
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		return `expected values by their names, not ${describe(value)}`;
	}
	const found = Object.entries(value).flatMap(([name, each]): Found[] => {
		const message = `expected a text, a number, true, false, or a list of these, not ${describe(each)}`;
		return isMetadataValue(each) ? [] : [{ path: [name], message }];
	});
	return found.length > 0 ? found : undefined;
}

/** @param names of the texts that there may be. */
function texts(names: readonly string[]): Rule {
	return (value) => {
		if (typeof value !== "object" || value === null || Array.isArray(value)) {
			return `expected texts by their names, not ${describe(value)}`;
		}
		const found = Object.entries(value).flatMap(([name, text]): Found[] => {
			const isUnknown = !names.includes(name);
			const problem = isUnknown ? `expected ${names.join(", ")}${didYouMean(name, names)}` : noText(text);
			return problem === undefined || (!isUnknown && text === undefined) ? [] : [{ path: [name], message: problem }];
		});
		return found.length > 0 ? found : undefined;
	};
}

function whole({ region = "", zone = "", subZone = "" }: Parts<Locality>): Locality {
	return { region, zone, subZone };
}
