/** A command as a shell completes it. */
export interface CompletedCommand {
	/** Its words; none for the program itself. */
	readonly path: readonly string[];
	/** What may follow as another word. */
	readonly commands: readonly { readonly name: string; readonly description: string }[];
	readonly options: readonly CompletedOption[];
	/** What its argument is: words to choose from, or something that the shell finds out. */
	readonly argument: readonly string[] | "service" | "file" | "nothing";
}

export interface CompletedOption {
	/** `-o`, `--output`. */
	readonly names: readonly string[];
	readonly description: string;
	/** What follows it: words to choose from, a file, anything, or nothing at all. */
	readonly value: readonly string[] | "file" | "any" | "none";
}

/** How a script asks for the names of services; without a control plane there are none. */
export const SERVICE_NAMES = "fingerpost services -o name 2>/dev/null";
