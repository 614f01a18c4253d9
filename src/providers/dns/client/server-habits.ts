import type { HostPort } from "../../../model/host-port.js";
import { serverText } from "./server-address.js";

/** How a server is asked. */
export interface Manner {
	/** With an OPT record (RFC 6891). */
	readonly edns: boolean;
	/** With a name in letters of random case, which the answer must repeat. */
	readonly mixedCase: boolean;
}

/** What is seen of a server is believed for so long: it may be replaced by a better one. */
const REMEMBERED_MS = 600_000;

interface Habit {
	readonly value: boolean;
	readonly until: number;
}

/** What each server was seen to understand, for a while. */
export class ServerHabits {
	readonly #known = new Map<string, Partial<Record<keyof Manner, Habit>>>();

	/** The best way that is not known to fail. */
	mannerFor(server: HostPort): Manner {
		return { edns: this.#value(server, "edns") ?? true, mixedCase: this.#value(server, "mixedCase") ?? true };
	}

	/** The server answered when it was asked so. What it has been seen to understand it does not forget by silence. */
	answered(server: HostPort, { edns, mixedCase }: Manner): void {
		this.#learn(server, "edns", edns);
		this.#learn(server, "mixedCase", mixedCase);
	}

	#value(server: HostPort, key: keyof Manner): boolean | undefined {
		const habit = this.#known.get(serverText(server))?.[key];
		return habit && habit.until > performance.now() ? habit.value : undefined;
	}

	#learn(server: HostPort, key: keyof Manner, value: boolean): void {
		if (!value && this.#value(server, key) === true) return;
		const known = this.#known.get(serverText(server)) ?? {};
		this.#known.set(serverText(server), { ...known, [key]: { value, until: performance.now() + REMEMBERED_MS } });
	}
}
