import { check } from "../../input/check.js";
import { endpointSchema } from "../../input/endpoint-schema.js";
import { readChecked } from "../../input/read-checked.js";
import type { Endpoint } from "../../model/endpoint.js";
import { splitHostPort } from "../../model/host-port.js";
import { atOnce, type Steps } from "../../util/steps.js";

/** Bytes of a value; an endpoint has some hundred. */
const MAX_BYTES = 16 * 1024;

export type ReadValue = { readonly endpoint: Endpoint; readonly note?: string } | { readonly problem: string };

/**
 * The endpoint that a key's value stands for: `host:port`, an endpoint as in a file, or what gRPC's own naming library
 * for etcd writes, `{"Op":0,"Addr":"host:port","Metadata":…}`.
 */
export function readEtcdValue(value: Buffer): ReadValue {
	if (value.length > MAX_BYTES)
		return { problem: `its value has ${value.length} bytes, and ${MAX_BYTES} are the most` };
	const text = value.toString().trim();
	if (text === "") return { problem: "its value is empty" };
	if (splitHostPort(text)) return asEndpoint(text);
	const json = text.startsWith("{") ? parsed(text) : undefined;
	if (typeof json === "object" && json !== null && ("Addr" in json || "Op" in json)) return ofNaming(json);
	if (json !== undefined) return asEndpoint(json);
	const { value: endpoint, problems } = readChecked(text, checkSteps, { file: "value" });
	return endpoint
		? { endpoint }
		: { problem: problems?.map(({ path, message }) => said(path, message)).join("; ") ?? "" };
}

// biome-ignore lint/correctness/useYield: a value is small enough for one step.
function* checkSteps(value: unknown): Steps<ReturnType<typeof check<typeof endpointSchema>>> {
	return check(endpointSchema, value);
}

function asEndpoint(value: unknown): ReadValue {
	const { value: endpoint, findings } = atOnce(checkSteps(value));
	if (endpoint) return { endpoint };
	return { problem: (findings ?? []).map(({ path, message }) => said(path.join("."), message)).join("; ") };
}

function said(path: string, message: string): string {
	return path === "" ? message : `${path}: ${message}`;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// It may be YAML, as {address: "10.0.0.1:80"} is.
		return undefined;
	}
}

/** An entry of go.etcd.io/etcd/client/v3/naming. Metadata may be anything there; what are texts, numbers or truths is kept. */
function ofNaming({ Op, Addr, Metadata }: { Op?: unknown; Addr?: unknown; Metadata?: unknown }): ReadValue {
	if (Op !== undefined && Op !== 0)
		return { problem: `its Op is ${JSON.stringify(Op)}, and only 0 (add) is an endpoint` };
	if (typeof Addr !== "string") return { problem: 'its Addr is no text such as "10.0.0.1:8080"' };
	const read = asEndpoint(Addr);
	if (!("endpoint" in read) || Metadata === null || Metadata === undefined) return read;
	const isTable = typeof Metadata === "object" && !Array.isArray(Metadata);
	const entries = isTable ? Object.entries(Metadata) : [];
	const kept = entries.filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
	const lost = isTable ? entries.filter((entry) => !kept.includes(entry)).map(([key]) => key) : ["Metadata"];
	const metadata = Object.fromEntries(kept.map(([key, value]) => [key, String(value)]));
	return {
		endpoint: kept.length === 0 ? read.endpoint : { ...read.endpoint, metadata },
		...(lost.length === 0 ? {} : { note: `left out of its metadata, being no texts: ${lost.slice(0, 10).join(", ")}` }),
	};
}
