import type { CliIo } from "../cli-io.js";
import { type EnvoyBootstrapOptions, envoyBootstrap } from "./bootstrap-envoy.js";
import { type GrpcBootstrapOptions, grpcBootstrap } from "./bootstrap-grpc.js";

interface OutputOption {
	readonly output: "json" | "yaml";
}

/** Prints a bootstrap for Envoy. */
export async function bootstrapEnvoy(options: EnvoyBootstrapOptions & OutputOption, io: CliIo): Promise<number> {
	return print(envoyBootstrap(options), options, io);
}

/** Prints a bootstrap for gRPC clients. */
export async function bootstrapGrpc(options: GrpcBootstrapOptions & OutputOption, io: CliIo): Promise<number> {
	return print(grpcBootstrap(options), options, io);
}

async function print(bootstrap: object, { output }: OutputOption, io: CliIo): Promise<number> {
	if (output === "json") io.stdout.write(`${JSON.stringify(bootstrap, null, 2)}\n`);
	else {
		const { stringify } = await import("yaml");
		io.stdout.write(stringify(bootstrap, { lineWidth: 0, aliasDuplicateObjects: false }));
	}
	return 0;
}
