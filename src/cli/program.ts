import { Argument, Command } from "commander";
import { VERSION } from "../util/version.js";
import { addAdminCommands } from "./admin-commands.js";
import { addBootstrapCommands } from "./bootstrap/bootstrap-commands.js";
import { addEnvoyCommand } from "./bootstrap/envoy-command.js";
import { addCertificates } from "./certificates/certificate-commands.js";
import type { CliIo } from "./cli-io.js";
import { type Exit, examples, outputOption } from "./command-parts.js";
import { addServeCommands } from "./serve-commands.js";
import { addTargetCommands } from "./target-commands.js";

const SHELLS = ["bash", "zsh", "fish"];

/**
 * The tree of commands. A command's own code is loaded when it runs, so that `bootstrap` does not wait for a server to
 * load.
 */
export function createProgram(io: CliIo, exit: Exit): Command {
	const program = new Command("fingerpost")
		.description("An Envoy xDS control plane for service discovery.")
		.version(`fingerpost ${VERSION}`, "-V, --version", "print the version")
		.helpOption("-h, --help", "print this help")
		.configureOutput({
			writeOut: (text) => io.stdout.write(text),
			writeErr: (text) => io.stderr.write(text),
			outputError: (text, write) => write(text.replace(/^error: error: /, "error: ")),
		})
		.enablePositionalOptions()
		.exitOverride();
	examples(program, [
		["fingerpost init", "a config to begin with"],
		["fingerpost serve --config fingerpost.yaml", "serve the config to Envoy and gRPC clients"],
		["fingerpost validate fingerpost.yaml", "check it first"],
		["fingerpost bootstrap envoy > envoy.yaml", "a bootstrap for Envoy"],
		["fingerpost envoy -c envoy.yaml", "an Envoy with it"],
		["fingerpost services", "what there is, and whether it is fresh"],
		["fingerpost status", "what each client has ACKed or rejected"],
		["fingerpost watch dns:///web.internal:8080", "what a source says, without a server"],
	]);

	addServeCommands(program, io, exit);
	addBootstrapCommands(program, io, exit);
	addEnvoyCommand(program, io, exit);
	addAdminCommands(program, io, exit);
	addTargetCommands(program, io, exit);
	addCertificates(program, io, exit);
	const shell = new Argument("<shell>", "the shell").choices(SHELLS);
	const completion = program
		.command("completion")
		.description("print a script by which a shell completes commands, options and the names of services")
		.addArgument(shell)
		.action(async (name) => exit((await import("./commands/completion.js")).completion(name, program, io)));
	examples(completion, [
		["source <(fingerpost completion bash)", "in ~/.bashrc; zsh alike"],
		["fingerpost completion fish | source", "in ~/.config/fish/config.fish"],
	]);
	program
		.command("version")
		.description("print the version")
		.addOption(outputOption(["text", "json"]))
		.action(async (options) => exit((await import("./commands/version.js")).version(options, io)));
	return program;
}
