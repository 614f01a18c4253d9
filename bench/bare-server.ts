// The floor: a grpc-js server that writes given bytes to its streams, with no logic of its own. Requests are read but not
// looked at. It runs as a process of its own, and its parent tells it by messages what to do.
import { type MethodDefinition, Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";

type Call = ServerDuplexStream<Buffer, Buffer>;

export type BareCommand =
	/** What the streams of each group are answered first. */
	| { readonly kind: "start"; readonly initial: ReadonlyMap<number, readonly Uint8Array[]> }
	/** Writes this to all streams of the group. */
	| { readonly kind: "push"; readonly group: number; readonly bytes: Uint8Array };

export interface BareReady {
	readonly port: number;
}

let initial: ReadonlyMap<number, readonly Uint8Array[]> = new Map();
const groups = new Map<number, Set<Call>>();
const server = new Server({ "grpc.enable_channelz": 0, "grpc.max_receive_message_length": -1 });

function method(name: string): MethodDefinition<Buffer, Buffer> {
	const same = (bytes: Buffer) => bytes;
	return {
		path: `/envoy.service.discovery.v3.AggregatedDiscoveryService/${name}`,
		requestStream: true,
		responseStream: true,
		requestSerialize: same,
		requestDeserialize: same,
		responseSerialize: same,
		responseDeserialize: same,
	};
}

function open(call: Call): void {
	const group = Number(call.metadata.get("x-group")[0]);
	const calls = groups.get(group) ?? new Set();
	groups.set(group, calls.add(call));
	call.once("data", () => {
		for (const bytes of initial.get(group) ?? []) call.write(bytes as Buffer);
		call.on("data", () => {});
	});
	call.on("end", () => call.end());
	call.on("cancelled", () => calls.delete(call));
	call.on("error", () => calls.delete(call));
}

server.addService(
	{ sotw: method("StreamAggregatedResources"), delta: method("DeltaAggregatedResources") },
	{ sotw: open, delta: open },
);

process.on("message", (command: BareCommand) => {
	if (command.kind === "push") {
		for (const call of groups.get(command.group) ?? []) call.write(command.bytes as Buffer);
	} else {
		initial = command.initial;
		server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
			if (error) throw error;
			process.send?.({ port } satisfies BareReady);
		});
	}
});
// By exit, so that a CPU profile is written.
process.on("SIGTERM", () => process.exit(0));
process.on("disconnect", () => process.exit(0));
