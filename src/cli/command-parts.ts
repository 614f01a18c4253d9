import { type Command, Option } from "commander";
import type { HostPort } from "../model/host-port.js";
import { adminAddress } from "./option-parsers.js";

// What several commands have in common.

/** Told the exit code of the command that ran. */
export type Exit = (code: number) => void;

/** Where commands look for the admin port unless they are told. */
export const ADMIN: HostPort = { host: "127.0.0.1", port: 18_001 };

/** `--admin`: the control plane that is asked. */
export function adminOption(): Option {
	return new Option("--admin <host:port>", "the admin port of the control plane")
		.env("FINGERPOST_ADMIN")
		.argParser(adminAddress)
		.default(ADMIN, "127.0.0.1:18001");
}

/** `--output`; the first choice is the default unless another is given. */
export function outputOption(choices: readonly string[], preset = choices[0]): Option {
	return new Option("-o, --output <format>", "how it is printed").choices(choices).default(preset);
}

/** What most people look for in a help text, so it comes first. */
export function examples(command: Command, lines: readonly (readonly [command: string, comment?: string])[]): void {
	const width = Math.max(...lines.map(([text, comment]) => (comment ? text.length : 0)));
	const rendered = lines.map(([text, comment]) => (comment ? `  ${text.padEnd(width)}  # ${comment}` : `  ${text}`));
	command.addHelpText("before", `Examples:\n${rendered.join("\n")}\n`);
}
