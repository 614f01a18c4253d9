import { type Command, Option } from "commander";
import type { CliIo } from "./cli-io.js";
import { type Exit, examples, outputOption } from "./command-parts.js";
import { timeLimit } from "./option-parsers.js";
import { OUTPUTS } from "./output/show.js";

/** `discover` and `watch`: what asks the source of a target itself, without a control plane. */
export function addTargetCommands(program: Command, io: CliIo, exit: Exit): void {
	addDiscover(program, io, exit);
	addWatch(program, io, exit);
}

function addDiscover(program: Command, io: CliIo, exit: Exit): void {
	const discover = program
		.command("discover")
		.description("look a target's endpoints up, once")
		.argument("<target>", "scheme://… or host:port; with --config also the name of a service")
		.addOption(configOption())
		.addOption(
			new Option("--timeout <duration>", "how long the source may take").argParser(timeLimit).default(15_000, "15s"),
		)
		.addOption(outputOption(OUTPUTS))
		.action(async (target, options) =>
			exit(await (await import("./commands/discover.js")).discover(target, options, io)),
		);
	examples(discover, [
		["fingerpost discover dns:///web.internal:8080"],
		["fingerpost discover k8s:///shop/checkout:http -o wide", "where each endpoint came from"],
		["fingerpost discover k8s-eu:///shop/checkout --config fingerpost.yaml", "by that file's providers"],
		["fingerpost discover web --config fingerpost.yaml", "what that file's service would have"],
	]);
}

function addWatch(program: Command, io: CliIo, exit: Exit): void {
	const watch = program
		.command("watch")
		.description("follow a target's endpoints: a line for each change, until interrupted")
		.argument("<target>", "scheme://… or host:port; with --config also the name of a service")
		.addOption(configOption())
		.addOption(outputOption(["text", "json"]))
		.action(async (target, options) => exit(await (await import("./commands/watch.js")).watch(target, options, io)));
	examples(watch, [
		["fingerpost watch file:///etc/endpoints.yaml"],
		["fingerpost watch k8s:///shop/checkout:http -o json | jq .added", "a line of JSON for each change"],
	]);
}

function configOption(): Option {
	return new Option("-c, --config <file>", "the config file whose providers and services there are");
}
