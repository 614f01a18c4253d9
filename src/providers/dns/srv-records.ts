import { endpoint } from "../../model/endpoint.js";
import { type FingerpostError, SourceFailed } from "../../util/errors.js";
import type { PollShare } from "../poll/shared-polls.js";
import { fullNameHint, nameProblem } from "./client/domain-name.js";
import type { SrvAnswer, SrvRecord } from "./client/look-up.js";
import { HostAddresses, type LookUpContext } from "./host-addresses.js";
import { type Outcome, type Records, ttlRevision } from "./records.js";
import { type SrvEndpoint, srvEndpoints } from "./srv-endpoints.js";

/** A name without a port: its SRV records and the addresses of the hosts that they name. */
export class SrvRecords implements Records {
	readonly #target: string;
	readonly #name: string;
	readonly #srv: string;
	readonly #context: LookUpContext;
	readonly #share: PollShare<SrvAnswer>;
	/** Of the records, or of the name itself where it has none. */
	readonly #hosts = new Map<string, HostAddresses>();

	/**
	 * @param target its text, for the endpoints' origin. @param srv the name of the SRV records.
	 */
	constructor(target: string, name: string, srv: string, context: LookUpContext) {
		this.#target = target;
		this.#name = name;
		this.#srv = srv;
		this.#context = context;
		this.#share = context.questions.srv(context.servers, srv, context.listener);
	}

	outcome(): Outcome | undefined {
		const { answer, error, settled, answers } = this.#share.poll;
		if (!settled) return undefined;
		const errors = error ? [error] : [];
		// Without an answer it is not known whether there are SRV records.
		if (!answer) return { endpoints: [], errors, notes: [], missing: "", answers };
		return answer.missing ? this.#fromName(answer.missing, errors) : this.#fromRecords(answer, errors);
	}

	refresh(): void {
		this.#share.poll.refresh();
		for (const host of this.#hosts.values()) host.refresh();
	}

	close(): void {
		this.#share.release();
		this.#keep(new Set());
	}

	#fromRecords({ records, additional }: SrvAnswer, errors: FingerpostError[]): Outcome | undefined {
		const notes = new Set<string>();
		const usable = records.filter((record) => {
			const problem = problemOf(record);
			if (problem) notes.add(`${this.#text(record)}: ${problem}`);
			// Without a host: the service is decidedly not available (RFC 2782).
			return problem === undefined && record.host !== "";
		});
		const names = new Set(usable.map(({ host }) => host));
		this.#keep(names);
		const addresses = new Map<string, readonly string[]>();
		let pending = false;
		let partial = false;
		for (const name of names) {
			const known = this.#host(name).known(additional);
			if (!known) {
				// Go on: the look-ups of the other hosts run at the same time.
				pending = true;
				continue;
			}
			errors.push(...known.errors);
			partial ||= known.partial;
			for (const note of known.notes) notes.add(note);
			if (known.missing) notes.add(`${name} has no address (${known.missing}); its records are left out`);
			addresses.set(
				name,
				known.addresses.map(({ address }) => address),
			);
		}
		if (pending) return undefined;
		return {
			endpoints: srvEndpoints(usable, (host) => addresses.get(host) ?? []).map((made) => this.#endpoint(made)),
			errors,
			partial,
			notes: [...notes].sort(),
			missing: `the SRV records of ${this.#srv} lead to no address`,
			answers: this.#share.poll.answers,
		};
	}

	/**
	 * There are no SRV records. Addresses of the name make no endpoints without a port, but a
	 * better error.
	 */
	#fromName(missing: string, errors: FingerpostError[]): Outcome | undefined {
		const name = this.#name;
		const { answers } = this.#share.poll;
		const none = { endpoints: [], notes: [], missing: `${this.#srv} has no SRV record (${missing})`, answers };
		if (name === this.#srv) {
			this.#keep(new Set());
			return { ...none, errors };
		}
		this.#keep(new Set([name]));
		const known = this.#host(name).known();
		if (!known) return undefined;
		if (known.addresses.length === 0) {
			return {
				...none,
				errors: [...errors, ...known.errors],
				missing: `${none.missing}, and ${name} has no address${fullNameHint(name)}`,
			};
		}
		const reason = `${none.missing}, and the target names no port for the addresses of ${name}; write dns:///${name}:PORT`;
		return { ...none, errors: [...errors, new SourceFailed(reason)] };
	}

	#endpoint({ record, ...parts }: SrvEndpoint) {
		const { answer } = this.#share.poll;
		const origin = { target: this.#target, object: this.#text(record), ...ttlRevision(answer?.ttl) };
		return endpoint({ ...parts, hostname: record.host, origin });
	}

	#text({ priority, weight, port, host }: SrvRecord): string {
		return `${this.#srv} SRV ${priority} ${weight} ${port} ${host || "."}`;
	}

	#host(name: string): HostAddresses {
		const host = this.#hosts.get(name) ?? new HostAddresses(name, this.#context);
		this.#hosts.set(name, host);
		return host;
	}

	/** Frees all other hosts. */
	#keep(names: ReadonlySet<string>): void {
		for (const [name, host] of this.#hosts) {
			if (names.has(name)) continue;
			host.close();
			this.#hosts.delete(name);
		}
	}
}

/** Why a record cannot be used. One without a host is valid, and means no service. */
function problemOf({ host, port }: SrvRecord): string | undefined {
	if (host === "") return undefined;
	if (port === 0) return "port 0; left out";
	const problem = nameProblem(host);
	return problem && `${problem}; left out`;
}
