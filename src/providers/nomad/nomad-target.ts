import type { Target } from "../../model/target.js";
import { type ServiceRegistry, type ServiceTarget, ServiceTargets } from "../blocking/service-target.js";

const targets = new ServiceTargets(["namespace", "tag", "region"]);

/** `nomad:///service?namespace=&tag=&region=`, or why the text is none. */
export function readNomadTarget(target: Target): ServiceTarget | string {
	return inOneNamespace(targets.read(target));
}

/** `nomad:///*?namespace=&tag=&region=`, or why the text is none. */
export function readNomadRegistry(target: Target): ServiceRegistry | string {
	return inOneNamespace(targets.readAll(target));
}

/** Of all namespaces Nomad leaves out those that the token may not read, and does not say so. */
function inOneNamespace<Read extends Pick<ServiceTarget, "parameters">>(read: Read | string): Read | string {
	if (typeof read === "string" || read.parameters.namespace !== "*") return read;
	return "namespace=* is not possible; name one namespace, and write a target for each";
}
