import { endpoint } from "../../model/endpoint.js";
import { fullNameHint } from "./client/domain-name.js";
import { HostAddresses, type LookUpContext } from "./host-addresses.js";
import { type Outcome, type Records, ttlRevision } from "./records.js";

/** A name with a port: its A and AAAA records. */
export class AddressRecords implements Records {
	readonly #target: string;
	readonly #name: string;
	readonly #port: number;
	readonly #host: HostAddresses;

	/** @param target its text, for the endpoints' origin. */
	constructor(target: string, name: string, port: number, context: LookUpContext) {
		this.#target = target;
		this.#name = name;
		this.#port = port;
		this.#host = new HostAddresses(name, context);
	}

	outcome(): Outcome | undefined {
		const known = this.#host.known();
		if (!known) return undefined;
		const name = this.#name;
		return {
			endpoints: known.addresses.map(({ address, type, ttl }) =>
				endpoint({
					address,
					port: this.#port,
					hostname: name,
					origin: { target: this.#target, object: `${name} ${type} ${address}`, ...ttlRevision(ttl) },
				}),
			),
			errors: known.errors,
			partial: known.partial,
			notes: known.notes,
			missing: `${name} has no address (${known.missing ?? "NODATA"})${fullNameHint(name)}`,
			answers: this.#host.answers,
		};
	}

	refresh(): void {
		this.#host.refresh();
	}

	close(): void {
		this.#host.close();
	}
}
