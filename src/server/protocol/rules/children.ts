import type { Draft } from "../../../cache/memo/draft.js";
import type { ResourceType, TypeId } from "../../../resources/resource-type.js";
import type { Mode } from "../../wire/mode.js";

const NONE: ReadonlySet<string> = new Set();

/**
 * R17: a client that gets a changed cluster warms it until it gets its assignment, though that has
 * not changed; so it is with the route of a listener. The child of a changed parent is therefore
 * sent again, unasked.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#resource-warming
 */
export class Children {
	readonly #mode: Mode;
	/** Delta: names whose parent was sent before the client has asked for the child's type at all. */
	#waiting: Map<TypeId, Set<string>> | undefined;

	constructor(mode: Mode) {
		this.#mode = mode;
	}

	/**
	 * @param resend sends the child of that name again; undefined if the client has not asked for its
	 *   type yet.
	 */
	parentSent({ child }: ResourceType, draft: Draft, resend: ((name: string) => void) | undefined): void {
		if (!child) return;
		if (resend) for (const name of draft.replaced) resend(name);
		else if (this.#mode === "delta") this.#wait(child, draft);
	}

	/**
	 * The names of the type that the client waits for, even if its first request says that it has
	 * them.
	 */
	take(type: TypeId): ReadonlySet<string> {
		const waiting = this.#waiting?.get(type) ?? NONE;
		this.#waiting?.delete(type);
		return waiting;
	}

	/**
	 * All names of the response, not only the changed ones. A client may have lost a parent while it
	 * was away, or have it from a response that it rejected in part: then the parent is in use, but
	 * not among its initial versions.
	 */
	#wait(child: TypeId, { resources }: Draft): void {
		this.#waiting ??= new Map();
		const waiting = this.#waiting.get(child) ?? new Set();
		for (const { name } of resources) waiting.add(name);
		this.#waiting.set(child, waiting);
	}
}
