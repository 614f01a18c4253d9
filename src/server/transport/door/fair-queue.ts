import type { Socket } from "node:net";

/** Connections that wait, with the time at which each came. Addresses have their turns; of one, who came first is first. */
export class FairQueue {
	/** By address, in the order of their turns. */
	readonly #lines = new Map<string, Map<Socket, number>>();
	readonly #addresses = new Map<Socket, string>();

	get size(): number {
		return this.#addresses.size;
	}

	/** @param now milliseconds. */
	add(socket: Socket, now: number): void {
		// A socket that has closed has no address any more.
		const address = socket.remoteAddress ?? "";
		this.#addresses.set(socket, address);
		const line = this.#lines.get(address);
		if (line) line.set(socket, now);
		else this.#lines.set(address, new Map([[socket, now]]));
	}

	/** Takes the next one out, with the time at which it came; its address is behind the others then. */
	take(): readonly [socket: Socket, since: number] | undefined {
		const [first] = this.#lines;
		if (!first) return undefined;
		const [address, line] = first;
		const [next] = line as Iterable<[Socket, number]>;
		this.#lines.delete(address);
		if (line.size > 1) this.#lines.set(address, line);
		if (!next) return undefined;
		line.delete(next[0]);
		this.#addresses.delete(next[0]);
		return next;
	}

	/** It does not wait any more. */
	delete(socket: Socket): void {
		const address = this.#addresses.get(socket);
		if (address === undefined) return;
		this.#addresses.delete(socket);
		const line = this.#lines.get(address);
		line?.delete(socket);
		if (line?.size === 0) this.#lines.delete(address);
	}

	/** Empties it. @returns all that waited. */
	clear(): readonly Socket[] {
		const all = [...this.#addresses.keys()];
		this.#addresses.clear();
		this.#lines.clear();
		return all;
	}
}
