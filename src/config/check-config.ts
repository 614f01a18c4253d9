import { dirname, resolve } from "node:path";
import { type Checked, check } from "../input/check.js";
import { type Finding, MAX_PROBLEMS } from "../input/problem.js";
import type { Endpoint, Origin } from "../model/endpoint.js";
import type { DiscoverEntry, ServiceDefinition, ServiceSettings } from "../model/service.js";
import { tlsProblem } from "../model/traffic/upstream-tls.js";
import type { ModuleLookUp } from "../providers/module/module-settings.js";
import type { Registry } from "../providers/registry.js";
import { InvalidTarget, UnsupportedScheme } from "../util/errors.js";
import { expandHome } from "../util/files/expand-home.js";
import type { Steps } from "../util/steps.js";
import type { Config } from "./config.js";
import { type ConfigSchema, giveBack, takeSchema } from "./config-schemas.js";
import type { WrittenEntry } from "./discover-schema.js";
import { withoutExtensions } from "./extensions.js";
import { KnownServices, type WrittenServices } from "./known-services.js";
import { DefaultFindings } from "./policies/default-findings.js";
import { SettingsFiller, type WrittenSettings } from "./policies/settings-filler.js";
import { settingsProblems } from "./policies/settings-problems.js";
import type { ConfigOutput } from "./schema.js";
import { withFullPaths } from "./servers/file-paths.js";
import type { TargetReader } from "./target-reader.js";

export interface CheckConfigOptions {
	/** Says which targets there can be. */
	readonly registry: Registry;
	/** The file's name, for the endpoints' origin; absent where the config stands in none. */
	readonly file?: string;
	/** Equal exactly for equal configs. */
	readonly digest: string;
	/** Those that it names; none unless given. */
	readonly modules?: ModuleLookUp | undefined;
	/** What was read of the file before; it takes over what is read now. */
	readonly known?: KnownServices | undefined;
}

type WithoutServices = Omit<Config, "services" | "digest">;

/** Of whom settings are that are filled in. */
interface Judged {
	/** What of them is not of the defaults. */
	readonly written: WrittenSettings;
	readonly at: readonly PropertyKey[];
	/** For who reads what is wrong with the defaults. */
	readonly who: string;
}

/** Checks a config as it is written, variables replaced: all that is wrong with it, or the config. */
export function* checkConfig(written: unknown, options: CheckConfigOptions): Steps<Checked<Config>> {
	const { registry, modules } = options;
	const schema = takeSchema(registry, modules);
	try {
		return yield* new ConfigCheck(schema, options).steps(withoutExtensions(written));
	} finally {
		giveBack(registry, schema);
	}
}

/** So many endpoints are checked in one step: a millisecond or two. */
const STEP = 200;

class ConfigCheck {
	readonly #schema: ConfigSchema["schema"];
	readonly #targets: TargetReader;
	readonly #file: string | undefined;
	readonly #origin: Origin;
	readonly #digest: string;
	readonly #known: KnownServices;
	readonly #read = new Map<string, ServiceDefinition>();
	readonly #findings: Finding[] = [];
	readonly #ofDefaults = new DefaultFindings();
	#settings = new SettingsFiller();

	constructor({ schema, targets }: ConfigSchema, options: CheckConfigOptions) {
		const { file, digest, known = new KnownServices() } = options;
		this.#schema = schema;
		this.#targets = targets;
		this.#file = file;
		this.#origin = { target: "inline", ...(file === undefined ? {} : { object: file }) };
		this.#digest = digest;
		this.#known = known;
	}

	*steps(written: unknown): Steps<Checked<Config>> {
		const services = servicesOf(written);
		if (!services) return { findings: unlessMisspelt(check(this.#schema, written).findings ?? []) };
		const { defaults } = written as { readonly defaults?: unknown };
		const known = yield* this.#known.same(services, defaults, this.#file);
		const names = Object.keys(services);
		const [first = [], ...more] = inBatches(
			names.filter((name) => !known.has(name)),
			services,
		);
		// First what is not a service: targets may name the providers that the config makes.
		const rest = this.#rest(written as object, pick(services, first));
		const moved = names.filter((name) => {
			const service = known.get(name);
			return service && !canStay(service, this.#targets);
		});
		for (const batch of [...more, ...inBatches(moved, services)]) {
			if (this.#findings.length >= MAX_PROBLEMS) break;
			yield;
			const { value, findings } = check(this.#schema.shape.services, pick(services, batch), ["services"]);
			if (value) this.#add(value);
			else this.#findings.push(...findings);
		}
		this.#findings.push(...this.#ofDefaults.all());
		if (!rest || this.#findings.length > 0) return { findings: this.#findings };
		const inOrder = names.map((name) => [name, this.#read.get(name) ?? known.get(name)] as const);
		const others = withFullPaths(rest, this.#file);
		const config = { ...others, services: new Map(inOrder as [string, ServiceDefinition][]), digest: this.#digest };
		this.#known.learn(services, defaults, config.services, this.#file);
		return { value: config };
	}

	/** Checks all but the services, and some of them. */
	#rest(written: object, services: WrittenServices): WithoutServices | undefined {
		const { value, findings } = check(this.#schema, { ...written, services });
		if (!value) {
			this.#findings.push(...findings);
			return undefined;
		}
		const { services: read, defaults, discover, ...others } = value;
		this.#settings = new SettingsFiller(defaults);
		this.#add(read);
		const rest = {
			...others,
			...(defaults && { defaults }),
			...(discover && { discover: discover.map((each, i) => this.#entry(each, i)) }),
		};
		const { directory } = rest.state;
		return directory === undefined ? rest : { ...rest, state: { directory: this.#path(directory) } };
	}

	/** Relative to the file, if it stands in one. */
	#path(written: string): string {
		return resolve(this.#file === undefined ? "." : dirname(this.#file), expandHome(written));
	}

	#add(services: ConfigOutput["services"]): void {
		for (const [name, service] of Object.entries(services)) {
			const { targets, endpoints, compare, ...rest } = service;
			const written = endpoints?.map((endpoint): Endpoint => ({ ...endpoint, origin: this.#origin }));
			const sources = { targets, ...(written && { endpoints: written }), ...(compare && { compare }) };
			const definition = { name, ...this.#settings.fill(rest), ...sources };
			this.#judge(definition, { written: rest, at: ["services", name], who: `service ${JSON.stringify(name)}` });
			this.#read.set(name, definition);
		}
	}

	#entry({ target, name, settings: written }: WrittenEntry, index: number): DiscoverEntry {
		const settings = this.#settings.fill(written);
		this.#judge({ ...settings, targets: [] }, { written, at: ["discover", index], who: target.text });
		return { target, name, settings };
	}

	/** What goes wrong with a key is told where it is written, and once of one in the defaults. */
	#judge(settings: ServiceSettings & Pick<ServiceDefinition, "targets">, { written, at, who }: Judged): void {
		const { targets, tls } = settings;
		const message = tlsProblem(settings);
		const ofKey = message !== undefined && message === tlsProblem({ targets: [], tls });
		if (ofKey && !written.tls) this.#ofDefaults.add({ path: ["defaults", "tls"], at: "value", message }, who);
		else if (message !== undefined) {
			const path = ofKey && targets.length === 0 ? [...at, "tls"] : at;
			this.#findings.push({ path, at: "value", message });
		}
		for (const { path, message } of settingsProblems(settings)) {
			const isOwn = written[path[0] as keyof WrittenSettings] !== undefined;
			if (isOwn) this.#findings.push({ path: [...at, ...path], at: "value", message });
			else this.#ofDefaults.add({ path: ["defaults", ...path], at: "value", message }, who);
		}
	}
}

/** That there are no services is not told beside a key that was meant to be it. */
function unlessMisspelt(findings: readonly Finding[]): readonly Finding[] {
	const misspelt = findings.some(({ path, message }) => path.length === 1 && message.endsWith('mean "services"?'));
	return misspelt ? findings.filter(({ path, at }) => at === "key" || path[0] !== "services") : findings;
}

function servicesOf(written: unknown): WrittenServices | undefined {
	if (typeof written !== "object" || written === null) return undefined;
	const { services } = written as { readonly services?: unknown };
	return typeof services === "object" && services !== null && !Array.isArray(services)
		? (services as WrittenServices)
		: undefined;
}

function inBatches(names: readonly string[], services: WrittenServices): readonly (readonly string[])[] {
	const batches: string[][] = [];
	let left = 0;
	for (const name of names) {
		if (left <= 0) {
			batches.push([]);
			left = STEP;
		}
		batches.at(-1)?.push(name);
		const { endpoints } = (services[name] ?? {}) as { readonly endpoints?: unknown };
		left -= 1 + (Array.isArray(endpoints) ? endpoints.length : 0);
	}
	return batches;
}

function pick(services: WrittenServices, names: readonly string[]): WrittenServices {
	return Object.fromEntries(names.map((name) => [name, services[name]]));
}

/** What is registered for the schemes of its targets may be another provider now. */
function canStay({ targets, compare }: ServiceDefinition, reader: TargetReader): boolean {
	try {
		for (const { target } of targets) reader.check(target);
		if (compare) reader.check(compare.with);
		return true;
	} catch (error) {
		if (error instanceof InvalidTarget || error instanceof UnsupportedScheme) return false;
		throw error;
	}
}
