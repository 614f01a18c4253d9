import type { Endpoint } from "../../model/endpoint.js";

/** What an operator has pinned a service to: an earlier state of its endpoints. */
export interface Pin {
	/** What clients get until then, whatever the service's targets say. */
	readonly endpoints: readonly Endpoint[];
	/** The version of its assignment at that time. */
	readonly version: string;
	readonly since: Date;
	readonly until: Date;
}

/** The pin of a service, which ends by itself. */
export class PinHolder {
	readonly #onChange: () => void;
	#pin: Pin | undefined;
	#timer: NodeJS.Timeout | undefined;

	/** @param onChange called when it is another one, or ends by itself. @param pin that of an earlier process. */
	constructor(onChange: () => void, pin?: Pin) {
		this.#onChange = onChange;
		this.#begin(pin);
	}

	/** For a later process. */
	get saved(): { readonly pin?: Pin } {
		const { pin } = this;
		return pin ? { pin } : {};
	}

	/** Undefined where there is none, or where its time is over. */
	get pin(): Pin | undefined {
		return this.#pin && this.#pin.until.getTime() > Date.now() ? this.#pin : undefined;
	}

	/** @returns whether there was one. */
	set(pin: Pin | undefined): boolean {
		const before = this.pin;
		clearTimeout(this.#timer);
		this.#begin(pin);
		if (pin || before) this.#onChange();
		return before !== undefined;
	}

	stop(): void {
		clearTimeout(this.#timer);
	}

	#begin(pin: Pin | undefined): void {
		this.#pin = pin;
		if (!pin) return;
		const left = Math.max(0, pin.until.getTime() - Date.now());
		this.#timer = setTimeout(() => {
			this.#pin = undefined;
			this.#onChange();
		}, left);
	}
}

/** That it is pinned, in a sentence. */
export function pinNote({ version, since, until, endpoints }: Pin): string {
	const count = `${endpoints.length} endpoint${endpoints.length === 1 ? "" : "s"}`;
	return `pinned to version ${version} (${count}) since ${since.toISOString()}, until ${until.toISOString()}: its sources are not followed`;
}
