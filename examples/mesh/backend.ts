// A back end that answers with its name: HTTP/1.1 on port 8080, gRPC on 9090. Ends on SIGTERM and SIGINT.
import { startGrpcBackend, startHttpBackend } from "../../lab/backends.js";

const { NAME = "a" } = process.env;

const http = await startHttpBackend(NAME, { host: "0.0.0.0", port: 8080 });
const grpc = await startGrpcBackend(NAME, { host: "0.0.0.0", port: 9090 });
console.log(`back end ${NAME}: http=${http.address} grpc=${grpc.address}`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
	process.once(signal, () => {
		Promise.all([http[Symbol.asyncDispose](), grpc[Symbol.asyncDispose]()]).then(
			() => process.exit(0),
			(reason: unknown) => {
				console.error(reason);
				process.exit(1);
			},
		);
	});
}
