import { isIP } from "node:net";
import type { Config } from "../../config/config.js";
import type { Finding } from "../../input/problem.js";
import { formatHostPort } from "../../model/host-port.js";
import type { Target } from "../../model/target.js";
import { schemesOf } from "../../providers/provider-kind.js";
import type { Registry } from "../../providers/registry.js";
import { messageOf } from "../../util/errors.js";
import { Limiter } from "../../util/limiter.js";

export interface WarningOptions {
	/** Serves the config's own instances, too. */
	readonly registry: Registry;
	/** Whether the sources are asked. */
	readonly checkSources: boolean;
}

/** So many questions are under way at a time. */
const AT_ONCE = 16;
/** How long a source may take: 15 s. */
const TIMEOUT_MS = 15_000;

/**
 * What is valid, but will not work as it stands: what can be seen on this machine without asking the network, such as a
 * file that is missing; with `checkSources` also what the sources say.
 */
export async function findWarnings(config: Config, options: WarningOptions): Promise<readonly Finding[]> {
	const { signal } = new AbortController();
	const limiter = new Limiter(AT_ONCE);
	const asked = new Map<string, Promise<string | undefined>>();
	const findings: Finding[] = [...unusedProviders(config)];
	const waiting: Promise<Asked>[] = [];
	for (const [service, { endpoints, targets }] of config.services) {
		if (endpoints?.length === 0) findings.push(warning(service, "it has no endpoint: requests to it fail"));
		const ask = (text: string, look: () => Promise<string | undefined>) => {
			const answer = asked.get(text) ?? limiter.run(look, signal);
			asked.set(text, answer);
			waiting.push(answer.then((problem) => ({ service, text, problem })));
		};
		for (const { target } of targets) ask(target.text, () => problemOf(target, options));
		if (!options.checkSources) continue;
		for (const { address, port } of endpoints ?? []) {
			if (isIP(address) !== 0) continue;
			const text = formatHostPort({ host: address, port });
			ask(text, () => sourceProblem(text, options.registry));
		}
	}
	return [...findings, ...merged(await Promise.all(waiting))];
}

interface Asked {
	readonly service: string;
	/** The target, or the endpoint whose name was looked up. */
	readonly text: string;
	readonly problem: string | undefined;
}

function warning(service: string, message: string): Finding {
	return { path: ["services", service], at: "value", message };
}

/** One warning for each problem: a kubeconfig that is missing concerns every target of its cluster. */
function merged(all: readonly Asked[]): readonly Finding[] {
	const byProblem = new Map<string, Asked[]>();
	for (const each of all) {
		if (each.problem === undefined) continue;
		byProblem.set(each.problem, [...(byProblem.get(each.problem) ?? []), each]);
	}
	return [...byProblem].flatMap(([problem, [first, ...others]]) => {
		if (!first) return [];
		const more = others.length === 0 ? "" : ` (and ${others.length} more with the same)`;
		return [warning(first.service, `${first.text}: ${problem}${more}`)];
	});
}

function unusedProviders({ providers, services }: Config): readonly Finding[] {
	const used = new Set([...services.values()].flatMap(({ targets }) => targets.map(({ target }) => target.scheme)));
	return [...providers]
		.filter(([name, { kind }]) => name !== kind.type && !schemesOf(name, kind).some((scheme) => used.has(scheme)))
		.map(([name]) => ({ path: ["providers", name], at: "key", message: `no service has a target ${name}:///…` }));
}

async function problemOf(target: Target, { registry, checkSources }: WarningOptions): Promise<string | undefined> {
	const seen = await registry.provider(target).inspect?.(target);
	return seen ?? (checkSources ? sourceProblem(target.text, registry) : undefined);
}

async function sourceProblem(text: string, registry: Registry): Promise<string | undefined> {
	try {
		const endpoints = await registry.discover(text, { timeout: TIMEOUT_MS });
		return endpoints.length === 0 ? "its source says that it has no endpoint" : undefined;
	} catch (error) {
		// The target is told already.
		return messageOf(error).replace(/^"[^"]*": /, "");
	}
}
