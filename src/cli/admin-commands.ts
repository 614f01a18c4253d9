import { type Command, Option } from "commander";
import { TYPE_IDS } from "../resources/resource-type.js";
import type { CliIo } from "./cli-io.js";
import { ADMIN, addAdminOptions, addAdminsOptions, type Exit, examples, outputOption } from "./command-parts.js";
import { addOperateCommands } from "./operate/operate-commands.js";
import { timeLimit } from "./option-parsers.js";
import { LIST_OUTPUTS } from "./output/show.js";

// Not imported: the lists would be loaded for every command.
const CLIENT_STATES = ["synced", "pending", "nacked", "asks-nothing", "missing"];
const SERVICE_STATES = ["synced", "stale", "unknown", "removing"];

/** `status`, `services`, `clients`, `refresh`, `approve`, `wait`, `checksum` and `health`: what asks the admin port of a control plane. */
export function addAdminCommands(program: Command, io: CliIo, exit: Exit): void {
	addStatus(program, io, exit);
	addServices(program, io, exit);
	addClients(program, io, exit);
	addRefresh(program, io, exit);
	addApprove(program, io, exit);
	addOperateCommands(program, io, exit);
	addWait(program, io, exit);
	addChecksum(program, io, exit);
	addHealth(program, io, exit);
}

/** `--no-headers` and `--watch`, of all that show something. */
function addShowOptions(command: Command): Command {
	return addAdminOptions(command)
		.addOption(outputOption(LIST_OUTPUTS))
		.option("--no-headers", "rows alone, without headers and without what stands below the table")
		.option("-w, --watch", "show it again at each change, until interrupted");
}

function addStatus(program: Command, io: CliIo, exit: Exit): void {
	const command = program
		.command("status")
		.description("show each connected client: what it was sent, has ACKed and has rejected");
	const status = addShowOptions(command)
		.option("--node <name>", "only clients of this node; * stands for any run of characters")
		.option("--service <name>", "only types by which a client asks for this service; * as above")
		.addOption(new Option("--state <state>", "only types in this state").choices(CLIENT_STATES))
		.addOption(new Option("--type <type>", "only this type").choices(TYPE_IDS))
		.action(async (options) => exit(await (await import("./commands/status.js")).status(options, io)));
	examples(status, [
		["fingerpost status"],
		["fingerpost status --watch -o wide"],
		["fingerpost status --state nacked", "who rejects something"],
	]);
}

function addServices(program: Command, io: CliIo, exit: Exit): void {
	const command = program
		.command("services")
		.description("show all services, or one with its targets, endpoints, clients and notes")
		.argument("[name]", "the service");
	const services = addShowOptions(command)
		.option("--service <name>", "only services of this name; * stands for any run of characters")
		.addOption(new Option("--state <state>", "only services in this state").choices(SERVICE_STATES))
		.action(async (name, options) => exit(await (await import("./commands/services.js")).services(name, options, io)));
	examples(services, [
		["fingerpost services"],
		["fingerpost services web -o wide", "where each endpoint came from"],
		["fingerpost services --state stale"],
	]);
}

function addClients(program: Command, io: CliIo, exit: Exit): void {
	const command = program
		.command("clients")
		.description("show all streams of a node: what each has and lacks, name by name")
		.argument("<node>", "the node's name, as status shows it");
	const clients = addShowOptions(command).action(async (node, options) =>
		exit(await (await import("./commands/clients.js")).clients(node, options, io)),
	);
	examples(clients, [["fingerpost clients envoy-1"], ["fingerpost clients vm -o json"]]);
}

function addRefresh(program: Command, io: CliIo, exit: Exit): void {
	const refresh = addAdminOptions(program.command("refresh"))
		.description("ask the source of a target again now, no more often than its minimum interval")
		.argument("<target>", "the target, as services shows it, or a service: all of its targets")
		.action(async (name, options) => exit(await (await import("./commands/refresh.js")).refresh(name, options, io)));
	examples(refresh, [["fingerpost refresh dns:///web.internal:8080"], ["fingerpost refresh web"]]);
}

function addApprove(program: Command, io: CliIo, exit: Exit): void {
	const approve = addAdminOptions(program.command("approve"))
		.description("let go the endpoints of a service that are held because too many would go at once")
		.argument("<service>", "the service, as services shows it")
		.action(async (service, options) =>
			exit(await (await import("./operate/approve.js")).approve(service, options, io)),
		);
	examples(approve, [["fingerpost approve checkout", "its source is right: those endpoints are gone"]]);
}

function addWait(program: Command, io: CliIo, exit: Exit): void {
	const command = program
		.command("wait")
		.description("wait until every client of a service has ACKed that an address is there, or gone: for a preStop hook")
		.requiredOption("--service <name>", "the service")
		.requiredOption("--address <address:port>", "the endpoint's address, such as 10.0.0.7:8080")
		.option("--gone", "until it is gone or draining, not present")
		.addOption(
			new Option("--timeout <duration>", "how long it waits; then exit code 1")
				.argParser(timeLimit)
				.default(30_000, "30s"),
		);
	const wait = addAdminsOptions(command, "; a name with several addresses stands for all").action(
		async ({ admin = [ADMIN], ...options }) =>
			exit(await (await import("./operate/wait.js")).wait({ ...options, admin }, io)),
	);
	examples(wait, [
		["fingerpost wait --service web --address 10.0.0.7:8080 --gone"],
		[
			"fingerpost wait --service web --address 10.0.0.8:8080 --timeout 1m --admin 10.0.0.1:18001 --admin 10.0.0.2:18001",
		],
	]);
}

function addChecksum(program: Command, io: CliIo, exit: Exit): void {
	const checksum = addAdminsOptions(program.command("checksum"))
		.description("tell in which services control planes differ: exit code 0 if they serve the same, else 1")
		.action(async ({ admin = [ADMIN], ...options }) =>
			exit(await (await import("./operate/checksum.js")).checksum({ ...options, admin }, io)),
		);
	examples(checksum, [["fingerpost checksum --admin 10.0.0.1:18001 --admin 10.0.0.2:18001"]]);
}

function addHealth(program: Command, io: CliIo, exit: Exit): void {
	const health = addAdminOptions(program.command("health"))
		.description("ask a control plane whether it is well: exit code 0 if it is, else 1; within 3 s")
		.option("--ready", "whether every service has had an answer from its sources, not only whether the process runs")
		.action(async (options) => exit(await (await import("./commands/health.js")).health(options, io)));
	examples(health, [
		["fingerpost health", "for a container's HEALTHCHECK"],
		["fingerpost health --ready --admin 10.0.0.1:18001"],
	]);
}
