import { status } from "@grpc/grpc-js";
import {
	DeltaDiscoveryResponse,
	DiscoveryResponse,
	Resource,
	type ResourceError,
} from "../../../../src/gen/envoy/service/discovery/v3/discovery.js";
import type { Any } from "../../../../src/gen/google/protobuf/any.js";
import type { Duration } from "../../../../src/gen/google/protobuf/duration.js";
import type { ResourceType } from "../../../../src/resources/resource-type.js";
import { resourceTypeByUrl } from "../../../../src/resources/resource-types.js";
import type { Mode } from "../../../../src/server/wire/mode.js";
import { readContent, resourceOf } from "./content.js";

/** A response as a client reads it. */
export interface Response {
	readonly type: ResourceType;
	readonly nonce: string;
	readonly version: string;
	/** Content by name; with a time to live `1~30s`, and without a body just that. */
	readonly resources: ReadonlyMap<string, string>;
	/** Delta: version by name. */
	readonly versions: ReadonlyMap<string, string>;
	/** Delta: names that come without a body. */
	readonly bodiless: ReadonlySet<string>;
	readonly removed: readonly string[];
	/** Names that a resource error says do not exist, or are not for the client. */
	readonly absent: readonly string[];
	/** Those of them that are not for it. */
	readonly refused: readonly string[];
}

const RESOURCE_URL = "type.googleapis.com/envoy.service.discovery.v3.Resource";
const FOUR_MIB = 4 * 1024 * 1024;

/** @throws if the response breaks a rule that holds for all of them. */
export function readResponse(mode: Mode, bytes: Uint8Array): Response {
	const response = mode === "sotw" ? readSotw(bytes) : readDelta(bytes);
	const { absent } = response;
	must(new Set(absent).size === absent.length, `R12: an error comes twice: ${absent}`);
	for (const name of absent) must(!response.resources.has(name), `R38: ${name} comes with an error`);
	return response;
}

/** @returns the names; every error has to be NOT_FOUND or PERMISSION_DENIED with a text. */
function namesOf(errors: readonly ResourceError[]): Pick<Response, "absent" | "refused"> {
	const refused: string[] = [];
	const absent = errors.map(({ resourceName, errorDetail }) => {
		const { code, message } = errorDetail ?? {};
		const isRefusal = code === status.PERMISSION_DENIED;
		if (isRefusal && resourceName) refused.push(resourceName.name);
		must(
			(isRefusal || code === status.NOT_FOUND) && message !== "",
			`R38: an error with the code ${code} and the text "${message}"`,
		);
		must(resourceName !== undefined && resourceName.name !== "", "R38: an error without a name");
		return resourceName?.name ?? "";
	});
	return { absent, refused };
}

function readSotw(bytes: Uint8Array): Response {
	const message = DiscoveryResponse.decode(bytes);
	const type = typeOf(message.typeUrl);
	const resources = new Map<string, string>();
	for (const any of message.resources) {
		const wrapped = any.typeUrl === RESOURCE_URL ? Resource.decode(any.value) : undefined;
		const { name, content: read } = readAny(type, wrapped?.resource ?? any);
		const content = `${read}${lifeOf(wrapped?.ttl)}`;
		must(!wrapped || wrapped.name === name, `R26: ${name} is called ${wrapped?.name}`);
		must(!resources.has(name), `R12: ${name} comes twice in a response`);
		resources.set(name, content);
	}
	must(type.complete || bytes.length < FOUR_MIB, `R37: a response of ${bytes.length} bytes`);
	must(message.nonce !== "", "R4: a response without a nonce");
	const rest = {
		versions: new Map(),
		bodiless: new Set<string>(),
		removed: [],
		...namesOf(message.resourceErrors),
	};
	return { type, nonce: message.nonce, version: message.versionInfo, resources, ...rest };
}

function readDelta(bytes: Uint8Array): Response {
	const message = DeltaDiscoveryResponse.decode(bytes);
	const type = typeOf(message.typeUrl);
	const resources = new Map<string, string>();
	const versions = new Map<string, string>();
	const bodiless = new Set<string>();
	for (const { name, version, resource, ttl } of message.resources) {
		const life = lifeOf(ttl);
		if (resource === undefined) {
			must(!resources.has(name), `R12: ${name} comes twice in a response`);
			bodiless.add(name);
			resources.set(name, life || "~");
			versions.set(name, version);
			continue;
		}
		const read = readAny(type, resource);
		must(name === read.name, `R36: ${read.name} is called ${name}`);
		must(!resources.has(name), `R12: ${name} comes twice in a response`);
		const { version: expected } = resourceOf(type, name, read.content);
		must(version === expected, `R36: ${name} has version ${version}, not ${expected}`);
		resources.set(name, `${read.content}${life}`);
		versions.set(name, version);
	}
	const errors = namesOf(message.resourceErrors);
	const removed = message.removedResources;
	must(new Set(removed).size === removed.length, `R12: a name is removed twice: ${removed}`);
	for (const name of removed) must(!resources.has(name), `R12: ${name} is both sent and removed`);
	must(bytes.length < FOUR_MIB, `R37: a response of ${bytes.length} bytes`);
	must(message.nonce !== "", "R4: a response without a nonce");
	return {
		type,
		nonce: message.nonce,
		version: message.systemVersionInfo,
		resources,
		versions,
		bodiless,
		removed,
		...errors,
	};
}

function lifeOf(ttl: Duration | undefined): string {
	return ttl ? `~${ttl.seconds + ttl.nanos / 1e9}s` : "";
}

function readAny(type: ResourceType, any: Any): { readonly name: string; readonly content: string } {
	must(any.typeUrl === type.url, `R13: a ${any.typeUrl} in a response of ${type.url}`);
	return readContent(any.value);
}

function typeOf(url: string): ResourceType {
	const type = resourceTypeByUrl(url);
	must(type !== undefined, `a response of the unknown type ${url}`);
	return type as ResourceType;
}

function must(condition: boolean, otherwise: string): void {
	if (!condition) throw new Error(otherwise);
}
