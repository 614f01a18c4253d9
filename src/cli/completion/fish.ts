import { type CompletedCommand, type CompletedOption, SERVICE_NAMES } from "./completed-command.js";

/** A script for fish: `fingerpost completion fish | source`. */
export function fishScript(commands: readonly CompletedCommand[]): string {
	const lines = commands.flatMap((command) => {
		const condition = quoted(conditionOf(command));
		return [
			...command.commands.map(
				({ name, description }) => `complete -c fingerpost -f -n ${condition} -a ${name} -d ${quoted(description)}`,
			),
			...argumentLines(command, condition),
			...command.options.map((option) => `complete -c fingerpost -n ${condition} ${optionOf(option)}`),
		];
	});
	return `# fish completion of fingerpost: fingerpost completion fish | source\n${lines.join("\n")}\n`;
}

/** Whether the words of the command have been typed, and none of a command below it. */
function conditionOf({ path, commands }: CompletedCommand): string {
	const [last] = path.slice(-1);
	const below = commands.map(({ name }) => name).join(" ");
	if (last === undefined) return "__fish_use_subcommand";
	const typed = path.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
	return below === "" ? typed : `${typed}; and not __fish_seen_subcommand_from ${below}`;
}

function argumentLines({ argument }: CompletedCommand, condition: string): string[] {
	if (argument === "file") return [];
	const words =
		typeof argument === "string" ? (argument === "service" ? `(${SERVICE_NAMES})` : "") : argument.join(" ");
	return [`complete -c fingerpost -f -n ${condition}${words === "" ? "" : ` -a ${quoted(words)}`}`];
}

function optionOf({ names, description, value }: CompletedOption): string {
	const flags = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
	const takes =
		value === "none"
			? ""
			: value === "file"
				? " -r -F"
				: ` -x${typeof value === "string" ? "" : ` -a ${quoted(value.join(" "))}`}`;
	return `${flags.join(" ")}${takes} -d ${quoted(description)}`;
}

function quoted(text: string): string {
	return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
