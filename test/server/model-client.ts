import type { TypeId } from "../../src/resources/resource-type.js";
import { resourceType } from "../../src/resources/resource-types.js";
import type { Mode } from "../../src/server/wire/mode.js";
import { resourceOf } from "./protocol/transcripts/content.js";
import type { Response } from "./protocol/transcripts/read-response.js";
import type { Request } from "./protocol/transcripts/session-peer.js";

/** What the client makes of the removal of a name. */
export const GONE = "(gone)";

/** One type as a client keeps it that follows the specification to the letter, and nothing more. */
export class ModelClient {
	readonly type: TypeId;
	readonly #mode: Mode;
	readonly names = new Set<string>();
	wildcard = false;
	/** Content by name, of what it subscribes to. */
	readonly holds = new Map<string, string>();
	/** What it rejected, and has accepted nothing newer of. */
	readonly rejected = new Map<string, string>();
	/** `NAME CONTENT` of all that it has rejected on this stream: need not be sent again (R7). */
	readonly refused = new Set<string>();
	/** What was given time to live since this was emptied. */
	readonly renewed = new Set<string>();
	/** What it gave up and has not been sent since, though it may want it still by the wildcard. */
	readonly #forgotten = new Set<string>();
	readonly #nonces = new Set<string>();
	#nonce = "";
	#version = "";
	/** Whether it has given up a part of that version: it will not say that it has it when it comes back. */
	#hasLess = false;
	#started = false;

	constructor(type: TypeId, mode: Mode) {
		this.type = type;
		this.#mode = mode;
	}

	get started(): boolean {
		return this.#started;
	}

	/** Whether it subscribes to the resource of that name. */
	wants(name: string): boolean {
		return this.names.has(name) || (this.wildcard && resourceType(this.type).listed);
	}

	/** @returns the request that says so. `*` stands for the wildcard. */
	change(subscribe: readonly string[], unsubscribe: readonly string[]): Request {
		const dropped = unsubscribe.filter((name) => !subscribe.includes(name));
		for (const name of dropped) this.#drop(name);
		for (const name of subscribe) {
			if (name !== "*") this.names.add(name);
			else if (resourceType(this.type).wildcard) this.wildcard = true;
		}
		for (const name of [...this.holds.keys()]) {
			if (this.wants(name)) continue;
			this.holds.delete(name);
			this.#hasLess = true;
		}
		return this.#mode === "sotw" ? this.#sotwRequest() : this.#deltaRequest({ names: subscribe, unsubscribe: dropped });
	}

	/** The last request once more, as a SotW Envoy sends it when a cluster warms again. */
	repeat(): Request {
		return this.#mode === "sotw" ? this.#sotwRequest() : this.#deltaRequest({});
	}

	/** Takes the response and answers it. */
	receive(response: Response, error: string | undefined): Request {
		if (this.#nonces.has(response.nonce)) throw new Error(`R4: the nonce ${response.nonce} comes twice`);
		this.#nonces.add(response.nonce);
		this.#nonce = response.nonce;
		if (error === undefined) this.#accept(response);
		else this.#reject(response);
		const answer = { nonce: response.nonce, ...(error !== undefined && { error }) };
		return this.#mode === "sotw" ? { ...this.#sotwRequest(), ...answer } : { type: this.type, ...answer };
	}

	/** The first request of a new stream. @param keeps whether it has its resources still and says so. */
	reconnect(keeps: boolean): Request | undefined {
		const wanted = this.#started;
		this.#started = false;
		this.#nonce = "";
		this.#nonces.clear();
		this.rejected.clear();
		this.refused.clear();
		if (!keeps || this.#hasLess) this.#version = "";
		if (!keeps) this.holds.clear();
		const names = [...this.names, ...(this.wildcard ? ["*"] : [])];
		// An empty first list would be the old wildcard.
		if (!wanted || (names.length === 0 && resourceType(this.type).wildcard)) return undefined;
		return this.#mode === "sotw" ? this.#sotwRequest() : this.#deltaRequest({ names });
	}

	#drop(name: string): void {
		if (name === "*") this.wildcard = false;
		// R34: a delta client forgets what it gives up, also within a wildcard.
		else if (this.names.delete(name) && this.#mode === "delta" && this.holds.delete(name)) this.#forgotten.add(name);
	}

	#sotwRequest(): Request {
		this.#started = true;
		const names = [...this.names, ...(this.wildcard ? ["*"] : [])];
		return { type: this.type, names, nonce: this.#nonce, version: this.#version };
	}

	#deltaRequest(change: { readonly names?: readonly string[]; readonly unsubscribe?: readonly string[] }): Request {
		const first = !this.#started;
		this.#started = true;
		const versions = [...this.holds].map(([name, content]) => [
			name,
			resourceOf(resourceType(this.type), name, content).version,
		]);
		return { type: this.type, ...change, ...(first && { initialVersions: Object.fromEntries(versions) }) };
	}

	#accept({ resources, removed, version, versions, bodiless }: Response): void {
		this.#version = version;
		this.#hasLess = false;
		if (this.#mode === "sotw" && resourceType(this.type).complete) this.holds.clear();
		for (const [name, text] of resources) {
			const [content = "", life] = text.split("~");
			if (life !== undefined) this.renewed.add(name);
			if (bodiless.has(name)) {
				this.#heartbeat(name, versions.get(name));
				continue;
			}
			this.rejected.delete(name);
			if (this.wants(name)) this.holds.set(name, content);
			this.#forgotten.delete(name);
		}
		for (const name of removed) {
			this.rejected.delete(name);
			this.holds.delete(name);
		}
	}

	/** R26: without a body it must be what the client has; it may have given it up meanwhile. */
	#heartbeat(name: string, version: string | undefined): void {
		const content = this.holds.get(name);
		const has = content === undefined ? undefined : resourceOf(resourceType(this.type), name, content).version;
		if (has === undefined ? this.wants(name) && !this.#forgotten.has(name) : has !== version)
			throw new Error(`R26: a heartbeat of ${name} ${version}, but the client has ${content ?? "nothing"}`);
	}

	#reject({ resources, removed, bodiless }: Response): void {
		if (this.#mode === "sotw" && resourceType(this.type).complete) {
			for (const name of this.holds.keys()) this.rejected.set(name, GONE);
		}
		for (const [name, text] of resources) {
			if (bodiless.has(name)) continue;
			const [content = ""] = text.split("~");
			this.rejected.set(name, content);
			this.refused.add(`${name} ${content}`);
		}
		for (const name of removed) this.rejected.set(name, GONE);
	}
}
