import { MAX_WEIGHT } from "../../../model/endpoint.js";
import { object, optionalText, text } from "./endpoint-slice.js";
import { type KubeObject, namespacePath, type ObjectKind } from "./object-kind.js";

/** What is read of pods. */
export interface PodOptions {
	/** Labels that become metadata. */
	readonly podLabels?: readonly string[] | undefined;
	/** The annotation that holds a weight. */
	readonly weightAnnotation?: string | undefined;
}

/** What is kept of a Pod (v1). */
export interface Pod extends KubeObject {
	/** Tells pods of one name apart. */
	readonly uid: string | undefined;
	/** Of the wanted labels those that it has. */
	readonly labels: Readonly<Record<string, string>>;
	/** Undefined where no annotation says one. */
	readonly weight: number | undefined;
	/** Why the annotation's text is no weight. */
	readonly problem: string | undefined;
}

/** Pods, of which only what is wanted is kept: there may be very many. */
export function podKind({ podLabels = [], weightAnnotation }: PodOptions): ObjectKind<Pod> {
	return {
		plural: "pods",
		listKind: "PodList",
		rights:
			'get, list and watch on pods in the apiGroup "", as deploy/kubernetes/options/rbac-pods.yaml does, or leave out podLabels and weightAnnotation',
		path: (namespace) => `/api/v1/${namespacePath(namespace)}pods`,
		read: (value) => {
			const { metadata } = object(value, "Pod");
			const { name, uid, resourceVersion, labels, annotations } = object(metadata, "metadata");
			const all = object(labels ?? {}, "labels");
			const noted = weightAnnotation === undefined ? {} : object(annotations ?? {}, "annotations");
			return {
				name: text(name, "metadata.name"),
				uid: optionalText(uid),
				revision: text(resourceVersion, "metadata.resourceVersion"),
				labels: Object.fromEntries(
					podLabels.flatMap((label) => (Object.hasOwn(all, label) ? [[label, String(all[label])]] : [])),
				),
				...weightOf(weightAnnotation, noted),
			};
		},
	};
}

function weightOf(
	annotation: string | undefined,
	noted: Readonly<Record<string, unknown>>,
): Pick<Pod, "weight" | "problem"> {
	const written = annotation !== undefined && Object.hasOwn(noted, annotation) ? noted[annotation] : undefined;
	if (written === undefined) return { weight: undefined, problem: undefined };
	const weight = typeof written === "string" && /^\d{1,5}$/.test(written) ? Number(written) : undefined;
	if (weight !== undefined && weight <= MAX_WEIGHT) return { weight, problem: undefined };
	const said = JSON.stringify(written).slice(0, 40);
	return { weight: undefined, problem: `${annotation} is a whole number from 0 to ${MAX_WEIGHT}, not ${said}` };
}
