import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FingerpostError, messageOf } from "../../util/errors.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";
import { type EnvoyBootstrapOptions, envoyBootstrap } from "./bootstrap-envoy.js";
import { type GrpcBootstrapOptions, grpcBootstrap } from "./bootstrap-grpc.js";
import { secretFiles } from "./envoy-tls.js";

interface OutputOption {
	readonly output: "json" | "yaml";
}

/** Prints a bootstrap for Envoy; where its secrets have a folder, that has it. */
export async function bootstrapEnvoy(options: EnvoyBootstrapOptions & OutputOption, io: CliIo): Promise<number> {
	const { tls } = options;
	if (tls?.secrets !== undefined)
		return write(tls.secrets, { "envoy.yaml": envoyBootstrap(options), ...secretFiles(tls) }, io);
	return print(envoyBootstrap(options), options, io);
}

/** Prints a bootstrap for gRPC clients. */
export async function bootstrapGrpc(options: GrpcBootstrapOptions & OutputOption, io: CliIo): Promise<number> {
	return print(grpcBootstrap(options), options, io);
}

/** @throws FingerpostError USAGE for a folder that cannot be written to. */
async function write(folder: string, files: Readonly<Record<string, object>>, io: CliIo): Promise<number> {
	const { stringify } = await import("yaml");
	try {
		await mkdir(folder, { recursive: true });
		for (const [name, content] of Object.entries(files))
			await writeFile(join(folder, name), stringify(content, { lineWidth: 0, aliasDuplicateObjects: false }));
	} catch (cause) {
		throw new FingerpostError("USAGE", `cannot write to ${folder}: ${messageOf(cause)}`, { cause });
	}
	io.stdout.write(`${printable(join(folder, "envoy.yaml"))}\n`);
	return 0;
}

async function print(bootstrap: object, { output }: OutputOption, io: CliIo): Promise<number> {
	if (output === "json") io.stdout.write(`${JSON.stringify(bootstrap, null, 2)}\n`);
	else {
		const { stringify } = await import("yaml");
		io.stdout.write(stringify(bootstrap, { lineWidth: 0, aliasDuplicateObjects: false }));
	}
	return 0;
}
