import { setImmediate as turn } from "node:timers/promises";
import type { FingerpostError } from "../../util/errors.js";
import { inSlices, type Steps } from "../../util/steps.js";
import { cleanText } from "../../util/text/clean-text.js";
import type { FoundService, RegistryObserver } from "../provider.js";
import type { KeyValue, WatchEvent } from "./client/etcd-calls.js";
import type { KeysObserver } from "./client/followed-prefix.js";
import type { EtcdRegistry } from "./etcd-target.js";
import { SharedTarget } from "./shared-target.js";

/** Keys below one prefix. */
const MOST_KEYS = 1_000_000;
/** Keys that are in no folder of a service, of which so many are named. */
const MOST_NAMED = 20;

interface Service {
	readonly found: FoundService;
	/** Its keys, and who wants to know them. */
	readonly keys: SharedTarget;
}

/** The keys below a prefix, by the services in whose folders they are: one list and one watch for all. */
export class EtcdServices implements KeysObserver {
	readonly #registry: EtcdRegistry;
	readonly #told: RegistryObserver;
	readonly #services = new Map<string, Service>();
	/** Of which keys have changed. */
	readonly #changed = new Set<string>();
	/** Keys that are in no folder. */
	#loose = new Set<string>();
	#list: readonly FoundService[] = [];
	/** How many lists were begun or are void: one that is told in slices ends with the next. */
	#lists = 0;
	/** Whether there was a list, and nothing has failed since. */
	#isFresh = false;

	constructor(registry: EtcdRegistry, told: RegistryObserver) {
		this.#registry = registry;
		this.#told = told;
	}

	/** The service whose keys are those of the prefix, while what is known of it is up to date. */
	serviceOf(prefix: string): SharedTarget | undefined {
		const own = this.#registry.prefix;
		if (!this.#isFresh || !prefix.startsWith(own) || !prefix.endsWith("/")) return undefined;
		return this.#services.get(prefix.slice(own.length, -1))?.keys;
	}

	/** Those that somebody wants to know the keys of. */
	*wanted(): Iterable<SharedTarget> {
		for (const { keys } of this.#services.values()) if (keys.observers.size > 0) yield keys;
	}

	get size(): number {
		let size = this.#loose.size;
		for (const { keys } of this.#services.values()) size += keys.observer.size;
		return size;
	}

	most(): number {
		return MOST_KEYS;
	}

	listing(): void {
		this.#lists++;
		this.#loose = new Set();
		for (const { keys } of this.#services.values()) keys.observer.listing();
	}

	async page(keys: readonly KeyValue[]): Promise<void> {
		for (const [service, own] of this.#byService(keys, ({ key }) => key)) await service.keys.observer.page(own);
	}

	/** In slices, each with a turn of its own. */
	async listed(): Promise<void> {
		const list = ++this.#lists;
		await turn();
		if (list !== this.#lists) return;
		this.#isFresh = true;
		for (const { keys } of this.#services.values()) keys.observer.take();
		const all = this.#take(this.#services.keys());
		await turn();
		if (list !== this.#lists) return;
		this.#tell();
		await inSlices(this.#settle(all, list));
		await turn();
	}

	changed(events: readonly WatchEvent[]): void {
		const known = events.filter(({ kv }) => kv);
		for (const [service, own] of this.#byService(known, ({ kv }) => (kv as KeyValue).key)) {
			service.keys.observer.changed(own);
			this.#changed.add(service.found.service);
		}
		for (const { type, kv } of known) if (type === "DELETE" && kv) this.#loose.delete(kv.key.toString());
	}

	settled(): void {
		const changed = [...this.#changed];
		this.#changed.clear();
		this.#renew(changed);
	}

	confirmed(): void {
		this.#isFresh = true;
		this.#tell();
		for (const { keys } of [...this.#services.values()]) keys.observer.confirmed();
	}

	failed(error: FingerpostError): void {
		this.#lists++;
		this.#isFresh = false;
		this.#told.failed(error);
		for (const { keys } of [...this.#services.values()]) keys.observer.failed(error);
	}

	/** First which services there are, then their keys: nobody is told that one which goes is empty. */
	#renew(names: Iterable<string>): void {
		const all = this.#take(names);
		this.#tell();
		for (const { keys } of all) keys.observer.settled();
	}

	/** Takes over which services there are now. @returns those of the names, gone ones too. */
	#take(names: Iterable<string>): readonly Service[] {
		const all = [...names].flatMap((name) => this.#services.get(name) ?? []);
		for (const { found, keys } of all) if (keys.observer.size === 0) this.#services.delete(found.service);
		const list = [...this.#services.values()].map(({ found }) => found);
		if (list.length !== this.#list.length || list.some((found, i) => found !== this.#list[i])) this.#list = list;
		return all;
	}

	*#settle(services: readonly Service[], list: number): Steps<void> {
		for (const { keys } of services) {
			if (list !== this.#lists) return;
			keys.observer.settled();
			yield;
		}
	}

	#tell(): void {
		const loose = [...this.#loose];
		const named = loose.slice(0, MOST_NAMED).map((key) => cleanText(key, { max: 100 }));
		const more = loose.length > MOST_NAMED ? ` and ${loose.length - MOST_NAMED} more` : "";
		const { prefix } = this.#registry;
		const note = `keys that are not ${prefix}SERVICE/…, and so left out: ${named.join(", ")}${more}`;
		this.#told.services(this.#list, { notes: loose.length > 0 ? [note] : [] });
	}

	/** What concerns each service, which is made if it is new. */
	#byService<T>(items: readonly T[], keyOf: (item: T) => Buffer): ReadonlyMap<Service, readonly T[]> {
		const byService = new Map<Service, T[]>();
		for (const item of items) {
			const key = keyOf(item).toString();
			const rest = key.slice(this.#registry.prefix.length);
			const end = rest.indexOf("/");
			if (end < 1) {
				this.#loose.add(key);
				continue;
			}
			const service = this.#service(rest.slice(0, end));
			const own = byService.get(service);
			if (own) own.push(item);
			else byService.set(service, [item]);
		}
		return byService;
	}

	#service(name: string): Service {
		const known = this.#services.get(name);
		if (known) return known;
		const target = this.#registry.targetOf(name);
		const service: Service = {
			found: { service: name, target },
			keys: new SharedTarget(target, `${this.#registry.prefix}${name}/`),
		};
		this.#services.set(name, service);
		return service;
	}
}
