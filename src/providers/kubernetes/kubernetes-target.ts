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

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const FORM = /^\/([^/:]*)\/([^/:]*)(?::([^/:]*))?$/;

/** `k8s:///namespace/service[:port][?labelSelector=…]`, or why the text is none. */
export function readKubernetesTarget({ scheme, authority, path, query, text }: Target): KubernetesTarget | string {
	const form = `${scheme}:///namespace/service or ${scheme}:///namespace/service:port`;
	if (authority !== "") {
		return `expected ${form}, with three slashes; which cluster it is stands in the provider's settings, not in the target`;
	}
	const match = FORM.exec(path);
	if (!match) return `expected ${form}`;
	const [, namespace = "", service = "", port] = match;
	if (!LABEL.test(namespace)) return `${JSON.stringify(namespace)} is not a name of a namespace; expected ${form}`;
	if (!LABEL.test(service)) return `${JSON.stringify(service)} is not a name of a service; expected ${form}`;
	const problem = port === undefined ? undefined : portProblem(port);
	if (problem !== undefined) return problem;
	let selects: LabelSelector | undefined;
	for (const key of query.keys()) {
		if (key !== "labelSelector") {
			const meant = didYouMean(key, ["labelSelector"]);
			return `unknown option ${JSON.stringify(key)}${meant || "; the only one is labelSelector"}`;
		}
	}
	const selectors = query.getAll("labelSelector");
	if (selectors.length > 1) return "labelSelector is given twice; separate requirements by commas";
	if (selectors[0] !== undefined) {
		const selector = parseLabelSelector(selectors[0]);
		if (typeof selector !== "function") return selector.problem;
		selects = selector;
	}
	return { text, namespace, service, port, selects };
}

function portProblem(port: string): string | undefined {
	const expected = "expected the Service port's name, or the pods' port number from 1 to 65535";
	if (/^\d+$/.test(port)) {
		const number = Number(port);
		return number >= 1 && number <= 65_535 ? undefined : `${port} is not a port; ${expected}`;
	}
	return LABEL.test(port) ? undefined : `${JSON.stringify(port)} is not a port; ${expected}`;
}
