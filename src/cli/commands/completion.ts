import type { Command, Option } from "commander";
import type { CliIo } from "../cli-io.js";
import { bashScript } from "../completion/bash.js";
import type { CompletedCommand } from "../completion/completed-command.js";
import { fishScript } from "../completion/fish.js";
import { zshScript } from "../completion/zsh.js";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Prints a script by which the shell completes commands, options, their values and the names of services. */
export function completion(shell: keyof typeof SCRIPTS, program: Command, io: CliIo): number {
	io.stdout.write(SCRIPTS[shell](completedCommands(program)));
	return 0;
}

/** Every command, with its words: `bootstrap envoy` is `["bootstrap", "envoy"]`, and the program itself `[]`. */
export function completedCommands(program: Command, path: readonly string[] = []): readonly CompletedCommand[] {
	const helper = program.createHelp();
	const options = helper.visibleOptions(program).map(completedOption);
	const commands = helper.visibleCommands(program).filter((each) => each.name() !== "help");
	const own: CompletedCommand = {
		path,
		commands: commands.map((each) => ({ name: each.name(), description: each.description() })),
		options,
		argument: argumentOf(program, path),
	};
	return [own, ...commands.flatMap((each) => completedCommands(each, [...path, each.name()]))];
}

function argumentOf(command: Command, [name]: readonly string[]): CompletedCommand["argument"] {
	const [first] = command.registeredArguments;
	if (!first) return "nothing";
	if (first.argChoices) return first.argChoices;
	if (name === "services") return "service";
	return name === "validate" || name === "diff" ? "file" : "nothing";
}

function completedOption({ short, long, description, argChoices, required, optional }: Option) {
	const takes = required || optional;
	return {
		names: [short, long].filter((each) => each !== undefined),
		description,
		value: !takes ? ("none" as const) : (argChoices ?? (long === "--config" ? ("file" as const) : ("any" as const))),
	};
}
