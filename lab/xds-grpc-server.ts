import { dirname, join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { grpcBootstrap } from "../src/cli/bootstrap/bootstrap-grpc.js";
import { Child } from "./child.js";
import type { FoundProgram } from "./go-program.js";
import type { FoundClient } from "./grpc-clients.js";
import { freePorts } from "./ports.js";
import { waitUntil } from "./wait-until.js";

/** How an xDS-enabled gRPC server is started: the address, or what it takes for one, is added to the arguments. */
export interface ServerProgram {
	readonly command: string;
	readonly args: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
}

const SOURCES = join(import.meta.dirname, "clients");

/** grpc-go, from lab/clients/go-server. */
export function goServer(found: FoundProgram): ServerProgram | { readonly missing: string } {
	return "path" in found ? { command: found.path, args: [] } : found;
}

/** grpcio, with the packages of the client in Python. */
export function pythonServer(client: FoundClient): ServerProgram | { readonly missing: string } {
	if ("missing" in client) return client;
	const PYTHONPATH = dirname(client.args.at(-1) ?? "");
	return { command: client.command, args: ["-u", join(SOURCES, "python-server/server.py")], env: { PYTHONPATH } };
}

/** grpc-java, with the class path of the client in Java. */
export function javaServer(client: FoundClient): ServerProgram | { readonly missing: string } {
	if ("missing" in client) return client;
	return { command: client.command, args: [...client.args.slice(0, -1), join(SOURCES, "java-server/Server.java")] };
}

/** A gRPC server in a process of its own, on 127.0.0.1, which takes its Listener from the control plane. */
export class XdsGrpcServer implements AsyncDisposable {
	readonly address: string;
	readonly #child: Child;
	readonly #client: Client;

	/** @param argument what the program takes for the address: that, unless given. */
	private constructor(program: ServerProgram, xdsPort: number, port: number, argument = `127.0.0.1:${port}`) {
		this.address = `127.0.0.1:${port}`;
		const bootstrap = grpcBootstrap({ nodeId: "grpc-server", servers: [`127.0.0.1:${xdsPort}`] });
		this.#child = new Child(program.command, [...program.args, argument], {
			stdio: ["pipe", "pipe", "pipe"],
			env: { ...process.env, ...program.env, GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify(bootstrap) },
		});
		this.#client = new Client(this.address, credentials.createInsecure(), {
			"grpc.initial_reconnect_backoff_ms": 100,
			"grpc.max_reconnect_backoff_ms": 100,
		});
	}

	/** @param argumentOf what the program takes for an address with this port. */
	static async start(
		program: ServerProgram,
		xdsPort: number,
		argumentOf?: (port: number) => string,
	): Promise<XdsGrpcServer> {
		const [port = 0] = await freePorts(1);
		return new XdsGrpcServer(program, xdsPort, port, argumentOf?.(port));
	}

	/** What it has written so far. */
	get output(): string {
		return this.#child.tail;
	}

	/** Calls it until it answers; 60 s at most. */
	async answers(): Promise<string> {
		const answer = await waitUntil(
			"the gRPC server answers",
			() => {
				if (this.#child.exit) throw new Error(`it has ended:\n${this.#child.tail}`);
				return this.call();
			},
			{ interval: 100 },
		);
		return String(answer);
	}

	/** One call, of at most 20 s. */
	call(): Promise<string> {
		const bytes = (value: Buffer) => value;
		return new Promise((resolve, reject) => {
			const deadline = Date.now() + 20_000;
			this.#client.makeUnaryRequest("/lab.Echo/Who", bytes, bytes, Buffer.alloc(0), { deadline }, (error, answer) => {
				if (error) reject(error);
				else resolve(String(answer));
			});
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#client.close();
		await this.#child.kill("SIGKILL");
	}
}
