import type { Target } from "../../model/target.js";
import { didYouMean } from "../../util/text/suggest.js";
import { type LabelSelector, parseLabelSelector } from "./label-selector.js";

/** The Service and port that a target names. */
export interface KubernetesTarget {
	/** The target's text. */
	readonly text: string;
	readonly namespace: string;
	readonly service: string;
	/** The Service port's name, or the pods' port number; undefined where the target names none. */
	readonly port: string | undefined;
	/** Selects among the service's slices; undefined for all. */
	readonly selects: LabelSelector | undefined;
}

/** All Services of a namespace or of the cluster. */
export interface KubernetesRegistry extends Pick<KubernetesTarget, "port" | "selects"> {
	/** Undefined: all. */
	readonly namespace: string | undefined;
	/** The text of the target of one of them. */
	targetOf(namespace: string, service: string): string;
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const FORM = /^\/([^/:]*)\/([^/:]*)(?::([^/:]*))?$/;
const ALL = "*";

/** `k8s:///namespace/service[:port][?labelSelector=…]`, or why the text is none. */
export function readKubernetesTarget(target: Target): KubernetesTarget | string {
	const form = `${target.scheme}:///namespace/service or ${target.scheme}:///namespace/service:port`;
	const parts = readParts(target, form);
	if (typeof parts === "string") return parts;
	const { namespace, service, port, selects } = parts;
	return (
		labelProblem(namespace, "a namespace", form) ??
		labelProblem(service, "a service", form) ?? { text: target.text, namespace, service, port, selects }
	);
}

/** `k8s:///namespace/*[:port][?labelSelector=…]` or of all namespaces, or why the text is none. */
export function readKubernetesRegistry(target: Target): KubernetesRegistry | string {
	const { scheme, text } = target;
	const form = `${scheme}:///namespace/*:port, or ${scheme}:///*/*:port for all namespaces`;
	const parts = readParts(target, form);
	if (typeof parts === "string") return parts;
	const { namespace, service, port, selects } = parts;
	if (service !== ALL) return `it names one service; expected ${form}`;
	const problem = namespace === ALL ? undefined : labelProblem(namespace, "a namespace", form);
	if (problem !== undefined) return problem;
	const [, query = ""] = /(\?.*)$/s.exec(text) ?? [];
	const rest = `${port === undefined ? "" : `:${port}`}${query}`;
	return {
		namespace: namespace === ALL ? undefined : namespace,
		port,
		selects,
		targetOf: (itsNamespace, itsService) => `${scheme}:///${itsNamespace}/${itsService}${rest}`,
	};
}

type Parts = Omit<KubernetesTarget, "text">;

function readParts({ authority, path, query }: Target, form: string): Parts | string {
	if (authority !== "") {
		return `expected ${form}, with three slashes; which cluster it is stands in the provider's settings, not in the target`;
	}
	const match = FORM.exec(path);
	if (!match) return `expected ${form}`;
	const [, namespace = "", service = "", port] = match;
	const problem = port === undefined ? undefined : portProblem(port);
	if (problem !== undefined) return problem;
	for (const key of query.keys()) {
		if (key !== "labelSelector") {
			const meant = didYouMean(key, ["labelSelector"]);
			return `unknown option ${JSON.stringify(key)}${meant || "; the only one is labelSelector"}`;
		}
	}
	const selectors = query.getAll("labelSelector");
	if (selectors.length > 1) return "labelSelector is given twice; separate requirements by commas";
	if (selectors[0] === undefined) return { namespace, service, port, selects: undefined };
	const selects = parseLabelSelector(selectors[0]);
	return typeof selects === "function" ? { namespace, service, port, selects } : selects.problem;
}

function labelProblem(text: string, what: string, form: string): string | undefined {
	return LABEL.test(text) ? undefined : `${JSON.stringify(text)} is not a name of ${what}; expected ${form}`;
}

function portProblem(port: string): string | undefined {
	const expected = "expected the Service port's name, or the pods' port number from 1 to 65535";
	if (/^\d+$/.test(port)) {
		const number = Number(port);
		return number >= 1 && number <= 65_535 ? undefined : `${port} is not a port; ${expected}`;
	}
	return LABEL.test(port) ? undefined : `${JSON.stringify(port)} is not a port; ${expected}`;
}
