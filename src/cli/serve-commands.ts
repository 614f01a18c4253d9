import { type Command, Option } from "commander";
import { LOG_LEVELS } from "../app/log/messages.js";
import type { CliIo } from "./cli-io.js";
import { type Exit, examples, outputOption } from "./command-parts.js";
import type { LogFormat } from "./logger.js";
import { listenAddress, listenAddressOrSocket } from "./option-parsers.js";

// Not imported: the logger would be loaded for every command.
const LOG_FORMATS: readonly LogFormat[] = ["auto", "json", "pretty"];

/** `serve`, `validate` and `diff`: what works with a config file. */
export function addServeCommands(program: Command, io: CliIo, exit: Exit): void {
	addServe(program, io, exit);
	addValidate(program, io, exit);
	addDiff(program, io, exit);
}

function addServe(program: Command, io: CliIo, exit: Exit): void {
	const serve = program
		.command("serve")
		.description("serve the services of a config file to Envoy and gRPC clients")
		.option("-c, --config <file>", "the config file, YAML or JSON; read again when it changes", "fingerpost.yaml")
		.addOption(
			new Option("--xds-listen <host:port>", "where xDS listens; wins over the config file")
				.env("FINGERPOST_XDS_LISTEN")
				.argParser(listenAddress),
		)
		.addOption(
			new Option("--xds-rest-listen <host:port>", "where xDS by REST-JSON listens; wins over the config file")
				.env("FINGERPOST_XDS_REST_LISTEN")
				.argParser(listenAddress),
		)
		.addOption(
			new Option(
				"--admin-listen <host:port>",
				"where the admin API listens, also unix:/path; wins over the config file",
			)
				.env("FINGERPOST_ADMIN_LISTEN")
				.argParser(listenAddressOrSocket),
		)
		.addOption(
			new Option("--log-level <level>", "what is logged: this level and above").choices(LOG_LEVELS).default("info"),
		)
		.addOption(
			new Option("--log-format <format>", "auto is pretty on a terminal, else json")
				.choices(LOG_FORMATS)
				.default("auto"),
		)
		.option("--hints", "say what to try next, after the ready line")
		.action(async (options) => {
			await (await import("./commands/serve.js")).serve(options, io);
			exit(0);
		});
	examples(serve, [
		["fingerpost serve --config fingerpost.yaml"],
		["fingerpost serve -c fingerpost.yaml --xds-listen 0.0.0.0:18000", "for clients on other machines, with xds.tls"],
	]);
}

function addValidate(program: Command, io: CliIo, exit: Exit): void {
	const validate = program
		.command("validate")
		.description("check a config file: every error at file:line:column")
		.argument("[file]", "the config file")
		.addOption(outputOption(["text", "json"]))
		.option("--json-schema", "print the JSON Schema of config files, for editors")
		.action(async (file, options) => exit(await (await import("./commands/validate.js")).validate(file, options, io)));
	examples(validate, [
		["fingerpost validate fingerpost.yaml"],
		["fingerpost validate --json-schema > fingerpost.schema.json"],
	]);
}

function addDiff(program: Command, io: CliIo, exit: Exit): void {
	const diff = program
		.command("diff")
		.description(
			"show what clients would be sent of a new config: exit code 0 if nothing, 1 if something, 2 in trouble",
		)
		.argument("<old>", "the config file that is in use")
		.argument("<new>", "the one that would follow it")
		.addOption(outputOption(["text", "json"]))
		.action(async (before, after, options) =>
			exit(await (await import("./commands/diff.js")).diff(before, after, options, io)),
		);
	examples(diff, [
		["fingerpost diff fingerpost.yaml fingerpost.new.yaml"],
		["git show HEAD:fingerpost.yaml > old.yaml; fingerpost diff old.yaml fingerpost.yaml", "what a commit would do"],
	]);
}
