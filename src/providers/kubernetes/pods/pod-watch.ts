import type { FingerpostError } from "../../../util/errors.js";
import { FollowObjects, type FollowObserver, type FollowOptions } from "../api/follow-objects.js";
import type { KubeConnection } from "../api/kube-connection.js";
import type { Pod } from "../api/pod.js";
import { PodDetails } from "./pod-details.js";

/** One list and watch of a namespace's pods, for what they say of endpoints. */
export class PodWatch implements FollowObserver<Pod> {
	readonly details = new PodDetails();
	readonly #follow: FollowObjects<Pod>;
	#onChange: (pods: ReadonlySet<string> | "all") => void = () => {};
	#known = false;

	constructor(connection: KubeConnection, options: FollowOptions<Pod>) {
		this.#follow = new FollowObjects(connection, this, options);
	}

	/** Whether the pods were listed, or cannot be: endpoints wait for it, so that they come with their labels. */
	get known(): boolean {
		return this.#known;
	}

	/** @param onChange told which pods say something else; `all` where it may concern every endpoint. */
	start(onChange: (pods: ReadonlySet<string> | "all") => void): void {
		this.#onChange = onChange;
		this.#follow.start();
	}

	stop(): void {
		this.#follow.stop();
	}

	arrived(): void {}

	listed(pods: readonly Pod[]): void {
		this.details.replace(pods);
		if (this.#known && this.details.note === undefined) this.settled();
		else this.#tellAll(undefined);
	}

	changed(pod: Pod): void {
		this.details.put(pod);
	}

	deleted({ name }: Pod): void {
		this.details.delete(name);
	}

	settled(): void {
		const changed = this.details.takeChanged();
		if (changed.size > 0) this.#onChange(changed);
	}

	confirmed(): void {
		if (this.details.note !== undefined) this.#tellAll(undefined);
	}

	failed({ message }: FingerpostError): void {
		const note = `labels and weights of pods may be missing or old: ${message}`;
		if (note !== this.details.note || !this.#known) this.#tellAll(note);
	}

	#tellAll(note: string | undefined): void {
		this.#known = true;
		this.details.note = note;
		this.details.takeChanged();
		this.#onChange("all");
	}
}
