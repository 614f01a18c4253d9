import type { Target } from "../../model/target.js";
import { FingerpostError, SourceFailed } from "../../util/errors.js";
import { cleanText } from "../../util/text/clean-text.js";
import type { FoundService, Provider, RegistryObserver } from "../provider.js";
import { MAX_SERVICES, tooManyServices } from "./max-services.js";
import { countSource } from "./source-counts.js";
import type { TargetStatus } from "./target-watch.js";

/** How fresh the list of a registry's services is. */
export type RegistryStatus = Omit<TargetStatus, "changedAt" | "changes">;

export interface RegistryListener {
	/** A new list; not for one that is the same. */
	listed(list: readonly FoundService[]): void;
	/** The state or the notes are others. */
	changed(): void;
}

const NONE: readonly FoundService[] = [];

/** Watches a whole registry and keeps the last authoritative list, whatever happens to the source. */
export class RegistryWatch {
	readonly target: Target;
	readonly #listener: RegistryListener;
	#list: readonly FoundService[] | undefined;
	#notes: readonly string[] = [];
	#status: RegistryStatus;
	#abort = new AbortController();

	constructor(target: Target, listener: RegistryListener) {
		this.target = target;
		this.#listener = listener;
		this.#status = { target: target.text, state: "connecting" };
	}

	get status(): RegistryStatus {
		return this.#status;
	}

	/** What the provider says of the list. */
	get notes(): readonly string[] {
		return this.#notes;
	}

	/** @param provider undefined where there is none for the scheme. */
	start(provider: Provider | undefined): void {
		const { signal } = this.#abort;
		const observer: RegistryObserver = {
			services: (list, details) => {
				if (signal.aborted) return;
				countSource(this.target.scheme, "answers");
				this.#answered(list, details?.notes ?? []);
			},
			failed: (error) => {
				if (signal.aborted) return;
				countSource(this.target.scheme, "failures");
				this.#failed(FingerpostError.from(error));
			},
		};
		if (!provider?.watchAll) {
			this.#failed(new SourceFailed(`no provider of "${this.target.scheme}" finds whole registries`));
			return;
		}
		try {
			provider.watchAll(this.target, observer, { signal });
		} catch (reason) {
			this.#failed(FingerpostError.from(reason));
		}
	}

	/** Restarts the watch with another provider. The list stays until that has answered. */
	restart(provider: Provider | undefined): void {
		this.#abort.abort();
		this.#abort = new AbortController();
		this.start(provider);
	}

	/** Ends the watch and frees it; nothing is told any more. */
	stop(): void {
		this.#abort.abort();
	}

	#answered(given: readonly FoundService[], notes: readonly string[]): void {
		if (!Array.isArray(given)) {
			this.#failed(new SourceFailed("the provider gave no list of services"));
			return;
		}
		if (given.length > MAX_SERVICES) {
			this.#failed(tooManyServices(given.length));
			return;
		}
		const { list, problems } = given.every(isFound) ? { list: given, problems: [] } : usable(given);
		const { state, lastError } = this.#status;
		const all = [...notes, ...problems];
		const isTold = state !== "synced" || all.join("\n") !== this.#notes.join("\n");
		const isNew = list !== this.#list;
		this.#notes = all;
		this.#list = list;
		const { text: target } = this.target;
		this.#status = { target, state: "synced", lastSuccess: new Date(), ...(lastError && { lastError }) };
		if (isNew) this.#listener.listed(list);
		if (isTold) this.#listener.changed();
	}

	#failed(error: FingerpostError): void {
		const before = this.#status;
		const at = new Date();
		const state = this.#list === undefined ? "failed" : "stale";
		this.#status = {
			...before,
			state,
			lastError: { message: error.message, at },
			staleSince: before.staleSince ?? before.lastSuccess ?? at,
		};
		if (before.state === state && before.lastError?.message === error.message) return;
		this.#listener.changed();
	}
}

/** A provider may be anybody's. */
function isFound(found: unknown): found is FoundService {
	if (typeof found !== "object" || found === null) return false;
	const { service, target, namespace, port, datacenter } = found as Record<string, unknown>;
	const isText = (value: unknown) => value === undefined || typeof value === "string";
	return typeof service === "string" && typeof target === "string" && [namespace, port, datacenter].every(isText);
}

function usable(given: readonly unknown[]): { list: readonly FoundService[]; problems: readonly string[] } {
	const list = given.filter(isFound);
	const bad = given.find((each) => !isFound(each));
	const text = cleanText(JSON.stringify(bad) ?? String(bad), { max: 200 });
	return {
		list: list.length > 0 ? list : NONE,
		problems: [`${given.length - list.length} left out that have no text as service and target, such as ${text}`],
	};
}
