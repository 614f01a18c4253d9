import { type Command, InvalidArgumentError, Option } from "commander";
import type { CliIo } from "../cli-io.js";
import { type Exit, examples } from "../command-parts.js";

const MAX_DAYS = 3_650;

/** `certificates`: a CA, a server's and a client's, for trying. */
export function addCertificates(program: Command, io: CliIo, exit: Exit): void {
	const certificates = program
		.command("certificates")
		.description("write a CA, a server's certificate and a client's into a folder: for trying TLS only")
		.argument("<folder>", "where they are written; what is there is kept")
		.option("--name <names...>", "names and addresses of the server, beside localhost and the host name")
		.option("--client <name>", "what the client is: a SPIFFE ID or a DNS name", "spiffe://example.test/client")
		.addOption(new Option("--days <number>", "how long they are valid").argParser(days).default(90))
		.action(async (folder, options) =>
			exit(await (await import("./certificates.js")).certificates(folder, options, io)),
		);
	examples(certificates, [
		["fingerpost certificates tls", "tls/ca.crt, tls/server.crt, tls/client.crt, and their keys"],
		["fingerpost certificates tls --name fingerpost.internal 10.0.0.1"],
	]);
}

function days(text: string): number {
	const number = /^\d{1,4}$/.test(text) ? Number(text) : 0;
	if (number < 1 || number > MAX_DAYS) throw new InvalidArgumentError(`expected 1 to ${MAX_DAYS} days.`);
	return number;
}
