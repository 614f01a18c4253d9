import { SourceFailed } from "../../../util/errors.js";
import { type Container, isPort, table, textsOf } from "./container.js";

/** The label by which a task's container names its service. */
export const SWARM_SERVICE = "com.docker.swarm.service.name";

/**
 * The containers with the running tasks of all nodes among them, as a manager of a Swarm tells them. A task on this node is
 * its container, with the labels of its service added.
 * @throws SourceFailed if a list is none.
 */
export function withTasks(containers: readonly Container[], services: unknown, tasks: unknown): readonly Container[] {
	if (!Array.isArray(services) || !Array.isArray(tasks)) {
		throw new SourceFailed("the engine's list of services or tasks is no list");
	}
	const known = new Map(services.map((service) => [table(service).ID, table(service)]));
	const byId = new Map(containers.map((container) => [container.id, container]));
	for (const item of tasks) {
		const task = table(item);
		const service = known.get(task.ServiceID);
		if (!service || table(task.Status).State !== "running") continue;
		const made = containerOf(task, service);
		const here = byId.get(made.id);
		byId.set(made.id, here ? { ...here, labels: { ...made.labels, ...here.labels } } : made);
	}
	return [...byId.values()];
}

function containerOf(task: Readonly<Record<string, unknown>>, service: Readonly<Record<string, unknown>>): Container {
	const spec = table(service.Spec);
	const name = String(spec.Name ?? "");
	const id = table(table(task.Status).ContainerStatus).ContainerID ?? task.ID;
	const containerSpec = table(table(task.Spec).ContainerSpec);
	const ports = table(service.Endpoint).Ports;
	const exposed = (Array.isArray(ports) ? ports : [])
		.map(table)
		.filter(({ Protocol = "tcp" }) => Protocol === "tcp")
		.map(({ TargetPort }) => Number(TargetPort));
	return {
		id: String(id ?? ""),
		name: `${name}.${task.Slot ?? task.NodeID ?? 0}`,
		labels: { ...textsOf(spec.Labels), ...textsOf(containerSpec.Labels), [SWARM_SERVICE]: name },
		state: "running",
		// A task with a health check runs once that has passed, and is replaced when it fails.
		health: containerSpec.Healthcheck ? "healthy" : "none",
		exposed: [...new Set(exposed.filter(isPort))],
		published: [],
		networks: addressesOf(task.NetworksAttachments),
		networkMode: "",
	};
}

function addressesOf(attachments: unknown): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	for (const attachment of Array.isArray(attachments) ? attachments : []) {
		const { Network, Addresses } = table(attachment);
		const { Name, Ingress } = table(table(Network).Spec);
		const [first] = Array.isArray(Addresses) ? Addresses : [];
		// The network by which published ports come in is for nobody else.
		if (typeof Name === "string" && typeof first === "string" && !Ingress) found.set(Name, first.replace(/\/.*/, ""));
	}
	return found;
}
