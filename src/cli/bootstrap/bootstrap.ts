import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FingerpostError, messageOf } from "../../util/errors.js";
import { readTextFile } from "../../util/files/read-text-file.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";
import { type EnvoyBootstrapOptions, envoyBootstrap } from "./bootstrap-envoy.js";
import { type GrpcBootstrapOptions, grpcBootstrap } from "./bootstrap-grpc.js";
import { type EnvoyTls, secretFiles } from "./envoy-tls.js";

interface OutputOption {
	readonly output: "json" | "yaml";
}

/** Prints a bootstrap for Envoy; where its secrets have a folder, that has it. */
export async function bootstrapEnvoy(written: EnvoyBootstrapOptions & OutputOption, io: CliIo): Promise<number> {
	const tls = written.tls && (await withToken(written.tls));
	const options = { ...written, tls };
	if (tls?.secrets !== undefined) return write(tls, { "envoy.yaml": envoyBootstrap(options), ...secretFiles(tls) }, io);
	return print(envoyBootstrap(options), options, io);
}

/** Prints a bootstrap for gRPC clients. */
export async function bootstrapGrpc(options: GrpcBootstrapOptions & OutputOption, io: CliIo): Promise<number> {
	return print(grpcBootstrap(options), options, io);
}

/** @throws FingerpostError USAGE for a token that cannot be read. */
async function withToken(tls: EnvoyTls): Promise<EnvoyTls> {
	if (tls.tokenFile === undefined) return tls;
	const { content } = await readTextFile(tls.tokenFile, { maxBytes: 64 * 1024 }).catch((cause: unknown) => {
		throw new FingerpostError("USAGE", `cannot read the token: ${messageOf(cause)}`, { cause });
	});
	const token = content.trim();
	if (!/^[\x21-\x7e]+$/.test(token)) throw new FingerpostError("USAGE", `${tls.tokenFile} holds no token`);
	return { ...tls, token };
}

/** @throws FingerpostError USAGE for a folder that cannot be written to. */
async function write(
	{ secrets: folder = ".", token }: EnvoyTls,
	files: Readonly<Record<string, object>>,
	io: CliIo,
): Promise<number> {
	// A token is for its owner alone.
	const mode = token === undefined ? 0o644 : 0o600;
	const { stringify } = await import("yaml");
	try {
		await mkdir(folder, { recursive: true });
		for (const [name, content] of Object.entries(files))
			await writeFile(join(folder, name), stringify(content, { lineWidth: 0, aliasDuplicateObjects: false }), { mode });
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
