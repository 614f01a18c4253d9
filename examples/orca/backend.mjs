// A back end that reports its load (ORCA) with each answer, and by gRPC out of band too:
//   node examples/orca/backend.mjs --listen 127.0.0.1:8081 --capacity 100
// It answers /example.Greeter/Name with its name. With `--protocol http1` it answers any HTTP/1.1 request, for Envoys.
// `--reports calls` and `--reports out-of-band` leave the other way out. Its load is pretended: requests of the last second,
// of as many as it can bear.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { Metadata, Server, ServerCredentials, ServerMetricRecorder } from "@grpc/grpc-js";
import { binaryReport, LoadMeter, textReport } from "./load-meter.mjs";

const { values: options } = parseArgs({
	options: {
		listen: { type: "string", default: "127.0.0.1:8081" },
		capacity: { type: "string", default: "100" },
		name: { type: "string" },
		protocol: { type: "string", default: "grpc" },
		reports: { type: "string", default: "both" },
		method: { type: "string", default: "/example.Greeter/Name" },
	},
});
const name = options.name ?? options.listen;
const meter = new LoadMeter(Number(options.capacity));

const address = options.protocol === "http1" ? await serveHttp() : await serveGrpc();
console.log(`${name} listens on ${address} and bears ${options.capacity} requests a second`);

/** HTTP/1.1: the report is a header. */
function serveHttp() {
	const server = createServer((_request, response) => {
		meter.count();
		response.setHeader("endpoint-load-metrics", textReport(meter.read()));
		response.end(name);
	});
	server.keepAliveTimeout = 0;
	const [, host, port] = /^(.*):(\d+)$/.exec(options.listen);
	return new Promise((resolve, reject) => {
		server.once("error", reject).listen(Number(port), host, () => resolve(`${host}:${server.address().port}`));
	});
}

/** gRPC: the report is in the trailers. */
async function serveGrpc() {
	const server = new Server();
	const bytes = (value) => value;
	const codec = { requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes };
	const method = { path: options.method, requestStream: false, responseStream: false, ...codec };
	server.addService(
		{ name: { ...method, responseDeserialize: bytes } },
		{
			name: (_call, callback) => {
				meter.count();
				// grpc-js can do it by itself (grpc.server_call_metric_recording), but 1.14 reads its protos for every call.
				const trailers = new Metadata();
				if (options.reports !== "out-of-band") trailers.set("endpoint-load-metrics-bin", binaryReport(meter.read()));
				callback(null, stringValue(name), trailers);
			},
		},
	);
	// Out of band: xds.service.orca.v3.OpenRcaService, for clients that ask for reports so often.
	const recorder = new ServerMetricRecorder();
	if (options.reports !== "calls") recorder.addToServer(server);
	setInterval(() => {
		const { rps, utilization } = meter.read();
		recorder.setQpsMetric(rps);
		recorder.setCpuUtilizationMetric(utilization);
		recorder.setApplicationUtilizationMetric(utilization);
	}, 100).unref();
	const [, host] = /^(.*):\d+$/.exec(options.listen);
	const port = await new Promise((resolve, reject) => {
		server.bindAsync(options.listen, ServerCredentials.createInsecure(), (error, bound) =>
			error ? reject(error) : resolve(bound),
		);
	});
	return `${host}:${port}`;
}

/** A google.protobuf.StringValue of less than 128 bytes. In a real program the generated code encodes messages. */
function stringValue(text) {
	const value = Buffer.from(text);
	return Buffer.concat([Buffer.from([10, value.length]), value]);
}
