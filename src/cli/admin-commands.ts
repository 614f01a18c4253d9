import { type Command, Option } from "commander";
import { TYPE_IDS } from "../resources/resource-type.js";
import type { CliIo } from "./cli-io.js";
import { adminOption, type Exit, examples, outputOption } from "./command-parts.js";
import { OUTPUTS } from "./output/show.js";

/** `status`, `services` and `health`: what asks the admin port of a control plane. */
export function addAdminCommands(program: Command, io: CliIo, exit: Exit): void {
	addStatus(program, io, exit);
	addServices(program, io, exit);
	addHealth(program, io, exit);
}

function addStatus(program: Command, io: CliIo, exit: Exit): void {
	const status = program
		.command("status")
		.description("show each connected client: what it was sent, has ACKed and has rejected")
		.addOption(adminOption())
		.addOption(outputOption(OUTPUTS))
		.option("--node <name>", "only clients of this node; * stands for any run of characters")
		.option("--service <name>", "only types by which a client asks for this service; * as above")
		.addOption(
			new Option("--state <state>", "only types in this state").choices([
				"synced",
				"pending",
				"nacked",
				"asks-nothing",
			]),
		)
		.addOption(new Option("--type <type>", "only this type").choices(TYPE_IDS))
		.option("-w, --watch", "show it again every 2 s, until interrupted")
		.action(async (options) => exit(await (await import("./commands/status.js")).status(options, io)));
	examples(status, [
		["fingerpost status"],
		["fingerpost status --watch -o wide"],
		["fingerpost status --state nacked", "who rejects something"],
	]);
}

function addServices(program: Command, io: CliIo, exit: Exit): void {
	const services = program
		.command("services")
		.description("show all services, or one with its targets, endpoints and notes")
		.argument("[name]", "the service")
		.addOption(adminOption())
		.addOption(outputOption(OUTPUTS))
		.option("--service <name>", "only services of this name; * stands for any run of characters")
		.addOption(
			new Option("--state <state>", "only services in this state").choices(["synced", "stale", "unknown", "removing"]),
		)
		.option("-w, --watch", "show it again every 2 s, until interrupted")
		.action(async (name, options) => exit(await (await import("./commands/services.js")).services(name, options, io)));
	examples(services, [
		["fingerpost services"],
		["fingerpost services web -o wide", "where each endpoint came from"],
		["fingerpost services --state stale"],
	]);
}

function addHealth(program: Command, io: CliIo, exit: Exit): void {
	const health = program
		.command("health")
		.description("ask a control plane whether it is well: exit code 0 if it is, else 1; within 3 s")
		.addOption(adminOption())
		.option("--ready", "whether every service has had an answer from its sources, not only whether the process runs")
		.action(async (options) => exit(await (await import("./commands/health.js")).health(options, io)));
	examples(health, [
		["fingerpost health", "for a container's HEALTHCHECK"],
		["fingerpost health --ready --admin 10.0.0.1:18001"],
	]);
}
