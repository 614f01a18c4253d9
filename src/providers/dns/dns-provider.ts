import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { ServiceNotFound } from "../../util/errors.js";
import { untilAborted } from "../../util/time-limit.js";
import type { Provider, ProviderWatchOptions, TargetObserver } from "../provider.js";
import { invalidTarget, readOrThrow } from "../read-target.js";
import { AddressRecords } from "./address-records.js";
import { fixedServers, type ServerList, systemServers } from "./client/server-list.js";
import type { DnsOptions } from "./dns-options.js";
import { type DnsTarget, readDnsTarget } from "./dns-target.js";
import { DnsWatch, together } from "./dns-watch.js";
import { HostsFile } from "./hosts-file.js";
import { Questions } from "./questions.js";
import type { Outcome, Records } from "./records.js";
import { SrvRecords } from "./srv-records.js";

/**
 * `dns:///name`, `dns:///name:port`, `dns://server:port/name`: SRV, A and AAAA records, asked again
 * by their TTL.
 */
export class DnsProvider implements Provider {
	readonly #options: DnsOptions;
	readonly #servers: ServerList;
	readonly #hosts: HostsFile | undefined;
	readonly #questions: Questions;
	readonly #watches = new Map<DnsWatch, string>();

	constructor(options: DnsOptions) {
		this.#options = options;
		this.#servers = options.servers ? fixedServers(options.servers) : systemServers();
		this.#hosts = options.hosts === "off" ? undefined : new HostsFile(options.hosts);
		this.#questions = new Questions(options);
	}

	/**
	 * Looks once; a question that is being watched is not asked again.
	 * @throws ServiceNotFound if there is no such name or no address, SourceFailed if nobody
	 *   answers or a port is missing, InvalidTarget, the signal's reason.
	 */
	async discover(target: Target, { signal }: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		signal.throwIfAborted();
		const { endpoints, errors, missing } = await this.#once(target, readOrThrow(target, readDnsTarget), signal);
		if (endpoints.length === 0) {
			if (errors.length > 0) throw together(errors);
			throw new ServiceNotFound(`"${target.text}": ${missing}`);
		}
		const at = new Date();
		return endpoints.map((e) => (e.origin ? { ...e, origin: { ...e.origin, at } } : e));
	}

	watch(target: Target, observer: TargetObserver, { signal, known }: ProviderWatchOptions): void {
		if (signal.aborted) return;
		const read = readDnsTarget(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		const watch = new DnsWatch(observer, { ...this.#options, ...(known && { known }) }, (listener) =>
			this.#follow(target, read, listener),
		);
		this.#watches.set(watch, target.text);
		const end = () => {
			this.#watches.delete(watch);
			watch.close();
		};
		// The first answer may come at once, and the observer may end the watch then.
		if (signal.aborted) end();
		else signal.addEventListener("abort", end, { once: true });
	}

	refresh(target: Target): void {
		for (const [watch, text] of this.#watches) {
			if (text === target.text) watch.refresh();
		}
	}

	#once(target: Target, read: DnsTarget, signal: AbortSignal): Promise<Outcome> {
		const { promise, resolve } = Promise.withResolvers<Outcome>();
		const look = () => {
			const outcome = records.outcome();
			if (outcome) resolve(outcome);
		};
		const records = this.#follow(target, read, look);
		look();
		return untilAborted(promise, signal).finally(() => records.close());
	}

	#follow({ text }: Target, { server, name, port, srv }: DnsTarget, listener: () => void): Records {
		const { addressFamily } = this.#options;
		const servers = server ? fixedServers([server]) : this.#servers;
		const hosts = server ? undefined : this.#hosts;
		const context = { questions: this.#questions, servers, hosts, addressFamily, listener };
		const records =
			port === undefined ? new SrvRecords(text, name, srv, context) : new AddressRecords(text, name, port, context);
		return hosts ? withHosts(records, hosts, listener) : records;
	}
}

/** The records, and what the hosts file says: it is followed for as long as they are. */
function withHosts(records: Records, hosts: HostsFile, listener: () => void): Records {
	const end = hosts.follow(listener);
	return {
		outcome() {
			const outcome = records.outcome();
			if (!outcome || hosts.problem === undefined) return outcome;
			return { ...outcome, notes: [...outcome.notes, hosts.problem] };
		},
		refresh: () => records.refresh(),
		close() {
			end();
			records.close();
		},
	};
}
