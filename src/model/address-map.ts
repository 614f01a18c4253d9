import type { Endpoint } from "./endpoint.js";

type Address = Pick<Endpoint, "address" | "port">;

/** A map by address and port, many times quicker than one by addressOf: it makes no text. */
export class AddressMap<T> {
	/** Few ports, many hosts. */
	readonly #byPort = new Map<number, Map<string, T>>();

	get({ address, port }: Address): T | undefined {
		return this.#byPort.get(port)?.get(address);
	}

	has({ address, port }: Address): boolean {
		return this.#byPort.get(port)?.has(address) ?? false;
	}

	set({ address, port }: Address, value: T): this {
		const byAddress = this.#byPort.get(port);
		if (byAddress) byAddress.set(address, value);
		else this.#byPort.set(port, new Map([[address, value]]));
		return this;
	}

	delete({ address, port }: Address): boolean {
		return this.#byPort.get(port)?.delete(address) ?? false;
	}
}
