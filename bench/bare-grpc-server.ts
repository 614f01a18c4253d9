// The floor: a grpc-js server that writes given bytes to its streams, with no logic of its own. Requests are read but not
// looked at. `bare-grpc-server RECORDING` says `ready PORT` and takes lines `change WHAT N`.
import { type MethodDefinition, Server, ServerCredentials } from "@grpc/grpc-js";
import { bytesMethod, type Call } from "../src/server/transport/messages/bytes-method.js";
import { serveRecording } from "./serve-recording.js";

await serveRecording(({ firstAnswer, groups }, ready) => {
	const open = (call: Call) => {
		const group = String(call.metadata.get("x-group")[0]);
		const write = (bytes: Buffer) => call.write(bytes);
		const leave = groups.join(group, write);
		call.once("data", () => {
			for (const bytes of firstAnswer(group)) call.write(bytes);
			call.on("data", () => {});
		});
		call.on("end", () => call.end());
		call.on("cancelled", leave);
		call.on("error", leave);
	};
	const server = new Server({ "grpc.enable_channelz": 0, "grpc.max_receive_message_length": -1 });
	server.addService(
		{ sotw: method("StreamAggregatedResources"), delta: method("DeltaAggregatedResources") },
		{ sotw: open, delta: open },
	);
	server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
		if (error) throw error;
		ready(port);
	});
});

function method(name: string): MethodDefinition<Buffer, Buffer> {
	return bytesMethod(`/envoy.service.discovery.v3.AggregatedDiscoveryService/${name}`);
}
