import { type CompletedCommand, SERVICE_NAMES } from "./completed-command.js";

/** A script for bash: `source <(fingerpost completion bash)`. */
export function bashScript(commands: readonly CompletedCommand[]): string {
	return `# bash completion of fingerpost: source <(fingerpost completion bash)
_fingerpost() {
	local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path= i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case "$path \${COMP_WORDS[i]}" in
${commands
	.filter(({ path }) => path.length > 0)
	.map(({ path }) => `			" ${path.join(" ")}") path=" ${path.join(" ")}" ;;`)
	.join("\n")}
		esac
	done
	case "$path $before" in
${commands.flatMap(valueCases).join("\n")}
	esac
	local options= words=
	case "$path" in
${commands.map(wordCase).join("\n")}
	esac
	if [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$options" -- "$word"))
	else
		COMPREPLY=($(compgen -W "$words" -- "$word"))
	fi
}
complete -o bashdefault -o default -F _fingerpost fingerpost
`;
}

/** What follows an option that takes a value. */
function valueCases({ path, options }: CompletedCommand): string[] {
	return options.flatMap(({ names, value }) => {
		if (value === "none") return [];
		const patterns = names.map((name) => `"${["", ...path].join(" ")} ${name}"`).join(" | ");
		// Without a reply bash completes files.
		const reply = typeof value === "string" ? "" : ` COMPREPLY=($(compgen -W "${value.join(" ")}" -- "$word"));`;
		return [`		${patterns})${reply} return ;;`];
	});
}

function wordCase({ path, commands, options, argument }: CompletedCommand): string {
	const names = options.flatMap((each) => each.names).join(" ");
	const choices = typeof argument === "string" ? [] : argument;
	const words = [...commands.map(({ name }) => name), ...choices].join(" ");
	const found = argument === "service" ? `$(${SERVICE_NAMES})` : words;
	return `		"${["", ...path].join(" ")}") options="${names}" words="${found}" ;;`;
}
