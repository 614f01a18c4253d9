import { mirror } from "../../src/cache/mirror.js";
import { ResourceSet } from "../../src/cache/resource-set.js";
import type { TypeId } from "../../src/resources/resource-type.js";
import { RESOURCE_TYPES, resourceType } from "../../src/resources/resource-types.js";
import { AccessRules } from "../../src/server/access/access-rules.js";
import { resourceOf } from "./protocol/transcripts/content.js";
import { PeerServer, SessionPeer } from "./protocol/transcripts/session-peer.js";

class ScopedServer extends PeerServer {
	override sets = new Map<TypeId, ResourceSet>();
}

/** A peer of which rules say what it may see, and which may change under the open stream. */
export class ScopedPeer extends SessionPeer {
	readonly #server: ScopedServer;
	readonly #whole = new Map<TypeId, ResourceSet>(RESOURCE_TYPES.map((type) => [type.id, new ResourceSet(type)]));
	#at = 0;
	/** Patterns of what it may see. */
	allowed: readonly string[] = ["*"];
	tells = false;

	constructor() {
		const server = new ScopedServer();
		super(server);
		this.#server = server;
		this.allow(["*"], false);
	}

	/** Everything that there is of a type. */
	whole(type: TypeId): ResourceSet {
		return this.#whole.get(type) as ResourceSet;
	}

	/** From now on it may see these alone. @param tells whether it is told so. */
	allow(patterns: readonly string[], tells: boolean): void {
		this.allowed = patterns;
		this.tells = tells;
		const rules = new AccessRules([{ identity: "*", services: patterns }], tells ? "told" : "hidden");
		const scope = rules.scopeOf({ identity: undefined, node: undefined });
		for (const type of RESOURCE_TYPES) {
			const set = new ResourceSet(type, "envoy", scope);
			for (const name of this.whole(type.id).names())
				if (set.scope.allows(name)) mirror(this.whole(type.id), set, name, 0);
			this.#server.sets.set(type.id, set);
		}
		if (this.isOpen) this.session.move(++this.#at);
	}

	override put(type: TypeId, name: string, content: string): number {
		this.whole(type).put(resourceOf(resourceType(type), name, content), ++this.#at);
		return this.#mirror(type, name);
	}

	override await(type: TypeId, name: string, overdue: boolean): void {
		this.whole(type).await(name, overdue, ++this.#at);
		this.#mirror(type, name);
	}

	override remove(type: TypeId, name: string): number {
		this.whole(type).remove(name, ++this.#at);
		return this.#mirror(type, name);
	}

	#mirror(type: TypeId, name: string): number {
		if (this.set(type).scope.allows(name)) mirror(this.whole(type), this.set(type), name, this.#at);
		return this.#at;
	}
}
