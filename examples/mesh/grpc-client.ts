// A gRPC client that can be asked with curl, on port 10002: each request with `Host: NAME` makes one call on xds:///NAME and gives the
// answer, or 503 and the reason. GRPC_XDS_BOOTSTRAP names its bootstrap. Ends on SIGTERM and SIGINT.
import { createServer } from "node:http";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";

const PORT = 10_002;
const DEADLINE_MS = 5_000;

register();
/** One channel a service, for as long as the process lives: it keeps its endpoints while Fingerpost is away. */
const channels = new Map<string, Client>();

function channelOf(service: string): Client {
	const channel = channels.get(service) ?? new Client(`xds:///${service}`, credentials.createInsecure());
	channels.set(service, channel);
	return channel;
}

const server = createServer((request, response) => {
	const [service = ""] = (request.headers.host ?? "").split(":");
	const asIs = (bytes: Buffer) => bytes;
	const options = { deadline: Date.now() + DEADLINE_MS };
	const empty = Buffer.alloc(0);
	channelOf(service).makeUnaryRequest("/lab.Echo/Who", asIs, asIs, empty, new Metadata(), options, (error, answer) => {
		response.statusCode = error ? 503 : 200;
		response.end(error ? error.message : answer);
	});
});
server.listen(PORT, "0.0.0.0", () => console.log(`gRPC client: http=0.0.0.0:${PORT}`));

for (const signal of ["SIGTERM", "SIGINT"] as const) {
	process.once(signal, () => process.exit(0));
}
