import type { FingerpostError } from "../../util/errors.js";
import type { TargetObserver } from "../provider.js";
import { EtcdKeys } from "./etcd-keys.js";

/** Keys that a target takes where nobody says how many. */
export const MOST_KEYS = 50_000;

/** A target that one or more watches want. */
export class SharedTarget {
	readonly text: string;
	readonly prefix: Buffer;
	readonly observer: EtcdKeys;
	/** Each with how many endpoints it takes. */
	readonly observers = new Map<TargetObserver, (() => number) | undefined>();
	#error: FingerpostError | undefined;

	/** @param text of the target. */
	constructor(text: string, prefix: string) {
		this.text = text;
		this.prefix = Buffer.from(prefix);
		this.observer = new EtcdKeys(text, prefix, {
			answered: ({ endpoints, notes }) => {
				this.#error = undefined;
				this.#each((observer) => observer.endpoints(endpoints, { notes }));
			},
			failed: (error) => {
				this.#error = error;
				this.#each((observer) => observer.failed(error));
			},
			most: () => Math.max(...[...this.observers.values()].map((most) => most?.() ?? MOST_KEYS)),
		});
	}

	/** To one that comes later. */
	tellKnown(observer: TargetObserver): void {
		const { answer } = this.observer;
		if (answer) observer.endpoints(answer.endpoints, { notes: answer.notes });
		// It may have left meanwhile.
		if (this.#error && this.observers.has(observer)) observer.failed(this.#error);
	}

	#each(tell: (observer: TargetObserver) => void): void {
		for (const observer of [...this.observers.keys()]) if (this.observers.has(observer)) tell(observer);
	}
}
