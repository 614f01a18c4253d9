import { existsSync } from "node:fs";
import { type Command, Option } from "commander";
import { LOG_LEVELS } from "../app/log/messages.js";
import { FingerpostError } from "../util/errors.js";
import type { CliIo } from "./cli-io.js";
import { addAdminOptions, type Exit, examples, outputOption } from "./command-parts.js";
import type { LogFormat } from "./logger.js";
import { listenAddress, listenAddressOrSocket } from "./option-parsers.js";

// Not imported: the logger would be loaded for every command.
/** Unless another is given. */
const DEFAULT_CONFIG = "fingerpost.yaml";
const LOG_FORMATS: readonly LogFormat[] = ["auto", "json", "pretty"];

/** `init`, `serve`, `validate` and `diff`: what works with a config file. */
export function addServeCommands(program: Command, io: CliIo, exit: Exit): void {
	addInit(program, io, exit);
	addServe(program, io, exit);
	addValidate(program, io, exit);
	addDiff(program, io, exit);
}

function addInit(program: Command, io: CliIo, exit: Exit): void {
	const init = program
		.command("init")
		.description("write a config to begin with, with comments")
		.argument("[file]", "the config file", DEFAULT_CONFIG)
		.option("--force", "write over a file that is there")
		.action(async (file, options) => exit(await (await import("./commands/init.js")).init(file, options, io)));
	examples(init, [["fingerpost init"], ["fingerpost init services.yaml"]]);
}

function addServe(program: Command, io: CliIo, exit: Exit): void {
	const serve = program
		.command("serve")
		.description("serve the services of a config file to Envoy and gRPC clients")
		.option("-c, --config <file>", "the config file, YAML or JSON; read again when it changes", DEFAULT_CONFIG)
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
		.option("--hints", "say what to try next, after the ready line, and start example back ends for the quick start")
		.action(async (options, command: Command) => {
			if (command.getOptionValueSource("config") === "default") mustBeThere(DEFAULT_CONFIG);
			await (await import("./commands/serve.js")).serve(options, io);
			exit(0);
		});
	examples(serve, [
		["fingerpost serve --config fingerpost.yaml"],
		["fingerpost serve -c fingerpost.yaml --xds-listen 0.0.0.0:18000", "for clients on other machines, with xds.tls"],
	]);
}

/** Nobody has named it: the message says how to begin. @throws FingerpostError INVALID_CONFIG */
function mustBeThere(file: string): void {
	if (existsSync(file)) return;
	throw new FingerpostError(
		"INVALID_CONFIG",
		`there is no ${file} here: \`fingerpost init\` writes one to begin with, and --config FILE names another`,
	);
}

function addValidate(program: Command, io: CliIo, exit: Exit): void {
	const validate = program
		.command("validate")
		.description("check config files: every error at file:line:column")
		.argument("[files...]", "config files; - is stdin; fingerpost.yaml unless given")
		.option("--strict", "exit with 1 where there are warnings, too")
		.option("--check-sources", "ask the source of each target, and warn of those that do not answer")
		.addOption(outputOption(["text", "json"]))
		.option("--json-schema", "print the JSON Schema of config files, for editors")
		.action(async (files: readonly string[], options) => {
			if (files.length === 0 && !options.jsonSchema) mustBeThere(DEFAULT_CONFIG);
			const named = files.length > 0 ? files : [DEFAULT_CONFIG];
			exit(await (await import("./commands/validate.js")).validate(named, options, io));
		});
	examples(validate, [
		["fingerpost validate fingerpost.yaml"],
		["fingerpost validate --strict a.yaml b.yaml", "before a commit"],
		["helm template . | fingerpost validate -"],
		["fingerpost validate --check-sources", "and ask DNS, Kubernetes and so on"],
		["fingerpost validate --json-schema > fingerpost.schema.json"],
	]);
}

function addDiff(program: Command, io: CliIo, exit: Exit): void {
	const diff = addAdminOptions(program.command("diff"))
		.description(
			"show what clients would be sent of a new config, or how a service has changed: exit code 0 if nothing, 1 if something, 2 in trouble",
		)
		.argument("<old>", "the config file that is in use; with --since a service")
		.argument("[new]", "the one that would follow it")
		.option("--since <time>", "how the service is other than it was then: 10m (ago) or 2026-11-24T13:11:14Z")
		.addOption(outputOption(["text", "json"]))
		.action(async (before, after, options) =>
			exit(await (await import("./commands/diff.js")).diff(before, after, options, io)),
		);
	examples(diff, [
		["fingerpost diff fingerpost.yaml fingerpost.new.yaml"],
		["git show HEAD:fingerpost.yaml > old.yaml; fingerpost diff old.yaml fingerpost.yaml", "what a commit would do"],
		["fingerpost diff web --since 10m", "of a control plane that runs"],
	]);
}
