import { hostname } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import type { HostPort } from "../model/host-port.js";
import { serviceNameProblem } from "../model/service.js";
import { VERSION } from "../util/version.js";
import type { CliIo } from "./cli-io.js";
import type { LogFormat, LogLevel } from "./logger.js";
import { connectAddress, connectAddresses, listenAddress, portNumber } from "./option-parsers.js";
import { OUTPUTS } from "./show.js";

// Not imported: the logger would be loaded for every command.
const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];
const LOG_FORMATS: readonly LogFormat[] = ["auto", "json", "pretty"];

const XDS: HostPort = { host: "127.0.0.1", port: 18_000 };
const ADMIN: HostPort = { host: "127.0.0.1", port: 18_001 };

/**
 * The tree of commands. A command's own code is loaded when it runs, so that `bootstrap` does not wait for a server to
 * load.
 * @param exit told the exit code of the command that ran
 */
export function createProgram(io: CliIo, exit: (code: number) => void): Command {
	const program = new Command("fingerpost")
		.description("An Envoy xDS control plane for service discovery.")
		.version(`fingerpost ${VERSION}`, "-V, --version", "print the version")
		.helpOption("-h, --help", "print this help")
		.configureOutput({
			writeOut: (text) => io.stdout.write(text),
			writeErr: (text) => io.stderr.write(text),
			outputError: (text, write) => write(text.replace(/^error: error: /, "error: ")),
		})
		.exitOverride();
	examples(program, [
		["fingerpost serve --config fingerpost.yaml", "serve the config to Envoy and gRPC clients"],
		["fingerpost validate fingerpost.yaml", "check it first"],
		["fingerpost bootstrap envoy > envoy.yaml", "a bootstrap for Envoy: envoy -c envoy.yaml"],
		["fingerpost services", "what there is, and whether it is fresh"],
		["fingerpost status", "what each client has ACKed or rejected"],
	]);

	addServe(program, exit);
	addValidate(program, io, exit);
	addBootstrap(program, io, exit);
	addStatus(program, io, exit);
	addServices(program, io, exit);
	program
		.command("version")
		.description("print the version")
		.addOption(outputOption(["text", "json"]))
		.action(async (options) => exit((await import("./version.js")).version(options, io)));
	return program;
}

type Exit = (code: number) => void;

function addServe(program: Command, exit: Exit): void {
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
			new Option("--admin-listen <host:port>", "where the admin API listens; wins over the config file")
				.env("FINGERPOST_ADMIN_LISTEN")
				.argParser(listenAddress),
		)
		.addOption(new Option("--log-level <level>", "the least that is logged").choices(LOG_LEVELS).default("info"))
		.addOption(
			new Option("--log-format <format>", "auto is pretty on a terminal, else json")
				.choices(LOG_FORMATS)
				.default("auto"),
		)
		.option("--hints", "say what to try next, after the ready line")
		.action(async (options) => {
			await (await import("./serve.js")).serve(options);
			exit(0);
		});
	examples(serve, [
		["fingerpost serve --config fingerpost.yaml"],
		["fingerpost serve -c fingerpost.yaml --xds-listen 0.0.0.0:18000", "for clients on other machines"],
	]);
}

function addValidate(program: Command, io: CliIo, exit: Exit): void {
	const validate = program
		.command("validate")
		.description("check a config file: every error at file:line:column")
		.argument("[file]", "the config file")
		.addOption(outputOption(["text", "json"]))
		.option("--json-schema", "print the JSON Schema of config files, for editors")
		.action(async (file, options) => exit(await (await import("./validate.js")).validate(file, options, io)));
	examples(validate, [
		["fingerpost validate fingerpost.yaml"],
		["fingerpost validate --json-schema > fingerpost.schema.json"],
	]);
}

function addBootstrap(program: Command, io: CliIo, exit: Exit): void {
	const bootstrap = program.command("bootstrap").description("print a bootstrap for Envoy or for gRPC clients");
	examples(bootstrap, [["fingerpost bootstrap envoy > envoy.yaml"], ["fingerpost bootstrap grpc > bootstrap.json"]]);

	const envoy = commonBootstrapOptions(bootstrap.command("envoy"), "yaml")
		.description("print a bootstrap for Envoy")
		.option("--cluster <name>", "Envoy's node.cluster: what this Envoy is part of", "fingerpost")
		.option("--sotw", "state of the world instead of delta")
		.addOption(
			new Option("--listen <host:port>", "where the proxy takes requests")
				.argParser(connectAddress)
				.default({ host: "127.0.0.1", port: 10_000 }, "127.0.0.1:10000"),
		)
		.addOption(
			new Option("--admin-port <port>", "the port of Envoy's admin interface on 127.0.0.1")
				.argParser(portNumber)
				.default(19_000),
		)
		.addOption(
			new Option(
				"--service <name>",
				"send all requests there, not to the service that the Host header names",
			).argParser(serviceName),
		)
		.addOption(
			new Option("--eds-only <names...>", "static clusters of these names: only their endpoints come by xDS").argParser(
				(text, before: readonly string[] | undefined) => [...(before ?? []), serviceName(text)],
			),
		)
		.action(async (options) => {
			const { bootstrapEnvoy } = await import("./bootstrap.js");
			exit(await bootstrapEnvoy({ ...options, servers: options.server }, io));
		});
	examples(envoy, [
		["fingerpost bootstrap envoy > envoy.yaml && envoy -c envoy.yaml"],
		["curl -H 'Host: web' http://127.0.0.1:10000/", "through this Envoy to the service web"],
		["fingerpost bootstrap envoy --server 10.0.0.1:18000 --server 10.0.0.2:18000", "two replicas"],
	]);

	const grpc = commonBootstrapOptions(bootstrap.command("grpc"), "json")
		.description("print a bootstrap for gRPC clients")
		.action(async (options) => {
			const { bootstrapGrpc } = await import("./bootstrap.js");
			exit(await bootstrapGrpc({ ...options, servers: options.server }, io));
		});
	examples(grpc, [
		["fingerpost bootstrap grpc > bootstrap.json"],
		["GRPC_XDS_BOOTSTRAP=bootstrap.json my-client xds:///web"],
	]);
}

function commonBootstrapOptions(command: Command, output: "json" | "yaml"): Command {
	return command
		.addOption(
			new Option("--server <host:port>", "a replica of the control plane; may be given several times")
				.argParser((text, before: readonly HostPort[] | undefined) =>
					// commander hands the default over as the value before the first.
					connectAddresses(text, before === DEFAULT_SERVERS ? undefined : before),
				)
				.default(DEFAULT_SERVERS, "127.0.0.1:18000"),
		)
		.addOption(new Option("--node-id <id>", "the name of this client").default(hostname(), "the host name"))
		.option("--region <name>", "where the client runs")
		.option("--zone <name>", "where in the region the client runs")
		.addOption(outputOption(["yaml", "json"], output));
}

const DEFAULT_SERVERS: readonly HostPort[] = [XDS];

function addStatus(program: Command, io: CliIo, exit: Exit): void {
	const status = program
		.command("status")
		.description("show each connected client: what it was sent, has ACKed and has rejected")
		.addOption(adminOption())
		.addOption(outputOption(OUTPUTS))
		.option("-w, --watch", "show it again every 2 s, until interrupted")
		.action(async (options) => exit(await (await import("./status.js")).status(options, io)));
	examples(status, [["fingerpost status"], ["fingerpost status --watch -o wide"]]);
}

function addServices(program: Command, io: CliIo, exit: Exit): void {
	const services = program
		.command("services")
		.description("show all services, or one with its targets, endpoints and repairs")
		.argument("[name]", "the service")
		.addOption(adminOption())
		.addOption(outputOption(OUTPUTS))
		.option("-w, --watch", "show it again every 2 s, until interrupted")
		.action(async (name, options) => exit(await (await import("./services.js")).services(name, options, io)));
	examples(services, [["fingerpost services"], ["fingerpost services web -o wide", "where each endpoint came from"]]);
}

function adminOption(): Option {
	return new Option("--admin <host:port>", "the admin port of the control plane")
		.env("FINGERPOST_ADMIN")
		.argParser((text) => (text === "" ? ADMIN : connectAddress(text)))
		.default(ADMIN, "127.0.0.1:18001");
}

function outputOption(choices: readonly string[], preset = choices[0]): Option {
	return new Option("-o, --output <format>", "how it is printed").choices(choices).default(preset);
}

function serviceName(text: string): string {
	const problem = serviceNameProblem(text);
	if (problem) throw new InvalidArgumentError(`${problem}.`);
	return text;
}

/** What most people look for in a help text, so it comes first. */
function examples(command: Command, lines: readonly (readonly [command: string, comment?: string])[]): void {
	const width = Math.max(...lines.map(([text, comment]) => (comment ? text.length : 0)));
	const rendered = lines.map(([text, comment]) => (comment ? `  ${text.padEnd(width)}  # ${comment}` : `  ${text}`));
	command.addHelpText("before", `Examples:\n${rendered.join("\n")}\n`);
}
