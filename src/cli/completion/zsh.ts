import { type CompletedCommand, type CompletedOption, SERVICE_NAMES } from "./completed-command.js";

/** A script for zsh: `source <(fingerpost completion zsh)`, or a file `_fingerpost` in a folder of `fpath`. */
export function zshScript(commands: readonly CompletedCommand[]): string {
	return `#compdef fingerpost
# zsh completion of fingerpost: source <(fingerpost completion zsh)
_fingerpost() {
	local path= i
	for ((i = 2; i < CURRENT; i++)); do
		case "$path \${words[i]}" in
${commands
	.filter(({ path }) => path.length > 0)
	.map(({ path }) => `			" ${path.join(" ")}") path=" ${path.join(" ")}" ;;`)
	.join("\n")}
		esac
	done
	local -a specs
	case "$path" in
${commands.map(specCase).join("\n")}
	esac
	_arguments -s $specs
}
if [[ $funcstack[1] == _fingerpost ]]; then
	_fingerpost
else
	compdef _fingerpost fingerpost
fi
`;
}

function specCase(command: CompletedCommand): string {
	const { path, options } = command;
	const specs = [...options.flatMap(optionSpecs), `'*:: :${argumentSpec(command)}'`];
	return `		"${["", ...path].join(" ")}") specs=(\n${specs.map((spec) => `			${spec}`).join("\n")}\n		) ;;`;
}

function argumentSpec({ commands, argument }: CompletedCommand): string {
	if (commands.length > 0) return `(${commands.map(({ name }) => name).join(" ")})`;
	if (argument === "file") return "_files";
	if (argument === "service") return `{ local -a names=(\${(f)"$(${SERVICE_NAMES})"}); compadd -a names }`;
	return typeof argument === "string" ? " " : `(${argument.join(" ")})`;
}

function optionSpecs({ names, description, value }: CompletedOption): string[] {
	const text = description.replace(/[[\]:\\]/g, "\\$&").replaceAll("'", "'\\''");
	const takes =
		value === "none"
			? ""
			: `: :${value === "file" ? "_files" : typeof value === "string" ? " " : `(${value.join(" ")})`}`;
	return names.map((name) => `'${name}[${text}]${takes}'`);
}
