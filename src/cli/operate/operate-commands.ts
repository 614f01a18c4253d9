import { type Command, Option } from "commander";
import { TYPE_IDS } from "../../resources/resource-type.js";
import type { CliIo } from "../cli-io.js";
import { addAdminOptions, type Exit, examples, outputOption } from "../command-parts.js";
import { timeLimit } from "../option-parsers.js";
import { OUTPUTS } from "../output/show.js";

/** `explain`, `resources`, `history`, `rollback` and `release`: what a service is, was, and is made to be. */
export function addOperateCommands(program: Command, io: CliIo, exit: Exit): void {
	addExplain(program, io, exit);
	addResources(program, io, exit);
	addHistory(program, io, exit);
	addRollback(program, io, exit);
	addRelease(program, io, exit);
}

function addExplain(program: Command, io: CliIo, exit: Exit): void {
	const explain = addAdminOptions(program.command("explain"))
		.description("show the whole way of a service's endpoints: source, rule, versions, who has ACKed them and who not")
		.argument("<service>", "the service, as services shows it")
		.argument("[address]", "only this endpoint, such as 10.0.0.7:8080")
		.option("--at <time>", "what the address was at a time: 10m (ago) or 2026-11-24T13:11:14Z")
		.option("--client <node>", "whether this node had that")
		.addOption(outputOption(OUTPUTS))
		.action(async (service, address, options) =>
			exit(await (await import("./explain.js")).explain(service, address, options, io)),
		);
	examples(explain, [
		["fingerpost explain web"],
		["fingerpost explain web 10.0.0.7:8080", "why it is there, and who has it"],
		["fingerpost explain web 10.0.0.7:8080 --at 10m --client envoy-1", "what envoy-1 had of it then"],
	]);
}

function addResources(program: Command, io: CliIo, exit: Exit): void {
	const resources = addAdminOptions(program.command("resources"))
		.description("show what clients of each family are sent of a service, and why not")
		.argument("<service>", "the service, as services shows it")
		.addOption(new Option("--type <type>", "only this type").choices(TYPE_IDS))
		.option("--view <view>", "only for these clients: envoy, grpc, or another view that is in use")
		.option("--client <node>", "only the views of this node's streams")
		.addOption(outputOption(OUTPUTS))
		.option("--no-headers", "rows alone, without headers")
		.action(async (service, options) => exit(await (await import("./resources.js")).resources(service, options, io)));
	examples(resources, [
		["fingerpost resources web"],
		["fingerpost resources web --type eds --client envoy-1 -o yaml", "its endpoints, as envoy-1 gets them"],
	]);
}

function addHistory(program: Command, io: CliIo, exit: Exit): void {
	const history = addAdminOptions(program.command("history"))
		.description("show the last changes of a service, newest first")
		.argument("<service>", "the service, as services shows it")
		.option("--limit <number>", "how many changes: 100 unless given")
		.addOption(outputOption(OUTPUTS))
		.option("--no-headers", "rows alone, without headers")
		.action(async (service, options) => exit(await (await import("./history.js")).history(service, options, io)));
	examples(history, [["fingerpost history web"], ["fingerpost history web --limit 5 -o wide"]]);
}

function addRollback(program: Command, io: CliIo, exit: Exit): void {
	const rollback = addAdminOptions(program.command("rollback"))
		.description("serve a service as it was, for a while, whatever its sources say")
		.argument("<service>", "the service, as services shows it")
		.argument("[version]", "as history shows it; what it was before its newest change unless given")
		.addOption(
			new Option("--for <duration>", "how long; then its sources are followed again")
				.argParser(timeLimit)
				.makeOptionMandatory(),
		)
		.action(async (service, version, options) =>
			exit(await (await import("./rollback.js")).rollback(service, version, options, io)),
		);
	examples(rollback, [
		["fingerpost rollback web --for 30m", "what it was before its newest change"],
		["fingerpost rollback web fVrfRfb2vgc --for 2h"],
	]);
}

function addRelease(program: Command, io: CliIo, exit: Exit): void {
	const release = addAdminOptions(program.command("release"))
		.description("end a rollback: what the sources of a service say is served")
		.argument("<service>", "the service, as services shows it")
		.action(async (service, options) => exit(await (await import("./rollback.js")).release(service, options, io)));
	examples(release, [["fingerpost release web"]]);
}
