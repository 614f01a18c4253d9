import { type Command, Option } from "commander";
import type { AdminAddress } from "./admin/admin-access.js";
import { adminAddress, adminAddresses } from "./option-parsers.js";

// What several commands have in common.

/** Told the exit code of the command that ran. */
export type Exit = (code: number) => void;

/** Where commands look for the admin port unless they are told. */
export const ADMIN: AdminAddress = { host: "127.0.0.1", port: 18_001 };

const ADMIN_FLAGS = "--admin <host:port>";

/** `--admin` and its like: the control plane that is asked, and how. */
export function addAdminOptions(command: Command): Command {
	const admin = new Option(ADMIN_FLAGS, "the admin port of the control plane; also https://HOST:PORT, unix:/path")
		.env("FINGERPOST_ADMIN")
		.argParser(adminAddress)
		.default(ADMIN, "127.0.0.1:18001");
	return addAccessOptions(command.addOption(admin));
}

/** As addAdminOptions, of a command that asks several in the same way. @param more what else is to be said of `--admin`. */
export function addAdminsOptions(command: Command, more = ""): Command {
	const what = "the admin port of a control plane, also https://HOST:PORT, unix:/path; may be given several times";
	const admin = new Option(ADMIN_FLAGS, `${what}${more}`).env("FINGERPOST_ADMIN").argParser(adminAddresses);
	return addAccessOptions(command.addOption(admin));
}

function addAccessOptions(command: Command): Command {
	return command
		.addOption(new Option("--ca <file>", "the CA of its certificate; the system's unless given").env("FINGERPOST_CA"))
		.addOption(new Option("--token-file <file>", "a file with the token to show").env("FINGERPOST_TOKEN_FILE"))
		.addOption(new Option("--cert <file>", "a client certificate to show").env("FINGERPOST_CERT"))
		.addOption(new Option("--key <file>", "the key of that certificate").env("FINGERPOST_KEY"));
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
