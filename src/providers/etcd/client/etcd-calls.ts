import { fileURLToPath } from "node:url";
import type { MethodDefinition } from "@grpc/grpc-js";

/** A key with its value, as etcd keeps it. */
export interface KeyValue {
	readonly key: Buffer;
	/** The revision of the store at which it was last written. */
	readonly modRevision: number;
	readonly value: Buffer;
}

export interface RangeRequest {
	readonly key: Buffer;
	readonly rangeEnd: Buffer;
	/** Keys at most; 0 for all. */
	readonly limit?: number;
	/** The store as it was then; 0 for now. */
	readonly revision?: number;
	readonly countOnly?: boolean;
}

interface Header {
	readonly revision: number;
}

export interface RangeResponse {
	readonly header: Header | null;
	readonly kvs: readonly KeyValue[];
	/** Whether the limit left keys out. */
	readonly more: boolean;
	/** The keys of the range, whatever the limit. */
	readonly count: number;
}

export type WatchRequest =
	| {
			readonly createRequest: {
				readonly key: Buffer;
				readonly rangeEnd: Buffer;
				readonly startRevision: number;
				readonly progressNotify: boolean;
				readonly fragment: boolean;
			};
	  }
	| { readonly cancelRequest: { readonly watchId: number } };

export interface WatchResponse {
	readonly header: Header | null;
	readonly watchId: number;
	readonly created: boolean;
	readonly canceled: boolean;
	/** Above 0 where the watch began before what etcd still has. */
	readonly compactRevision: number;
	readonly cancelReason: string;
	/** Whether more events of this revision follow in the next response. */
	readonly fragment: boolean;
	readonly events: readonly WatchEvent[];
}

export interface WatchEvent {
	readonly type: "PUT" | "DELETE";
	readonly kv: KeyValue | null;
}

/** The calls of etcd's API that are used. */
export interface EtcdCalls {
	readonly range: MethodDefinition<RangeRequest, RangeResponse>;
	readonly watch: MethodDefinition<WatchRequest, WatchResponse>;
	readonly authenticate: MethodDefinition<
		{ readonly name: string; readonly password: string },
		{ readonly token: string }
	>;
}

let loading: Promise<EtcdCalls> | undefined;

/** The calls, made of `etcd.proto` beside this file when they are first wanted. */
export function etcdCalls(): Promise<EtcdCalls> {
	loading ??= loadCalls();
	return loading;
}

async function loadCalls(): Promise<EtcdCalls> {
	const { load } = await import("@grpc/proto-loader");
	const schema = fileURLToPath(new URL("etcd.proto", import.meta.url));
	const all = await load(schema, { longs: Number, enums: String, defaults: true });
	const method = (service: string, name: string) => (all[`etcdserverpb.${service}`] as Record<string, unknown>)[name];
	return {
		range: method("KV", "Range"),
		watch: method("Watch", "Watch"),
		authenticate: method("Auth", "Authenticate"),
	} as EtcdCalls;
}

/** The end of the range of all keys that begin so: the first text after them. */
export function endOfPrefix(prefix: Buffer): Buffer {
	const end = Buffer.from(prefix);
	for (let i = end.length - 1; i >= 0; i--) {
		const byte = end[i] as number;
		if (byte === 255) continue;
		end[i] = byte + 1;
		return end.subarray(0, i + 1);
	}
	// A single zero byte stands for the end of the store.
	return Buffer.from([0]);
}
