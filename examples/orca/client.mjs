// Calls a service at a steady rate for half a minute, and prints every 5 s how many calls each back end got:
//   GRPC_XDS_BOOTSTRAP=bootstrap.json GRPC_EXPERIMENTAL_XDS_WRR_LB=true node examples/orca/client.mjs greeter
// Without that variable grpc-js 1.14 knows no load-aware balancing, and goes round robin.
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { register, XdsChannelCredentials } from "@grpc/grpc-js-xds";

const RATE = 120;
const SECONDS = 30;

register();
const [, , service = "greeter"] = process.argv;
const client = new Client(`xds:///${service}`, new XdsChannelCredentials(credentials.createInsecure()));
let counts = {};
const bytes = (value) => value;

const load = setInterval(() => {
	const options = { deadline: Date.now() + 10_000 };
	client.makeUnaryRequest(
		"/example.Greeter/Name",
		bytes,
		bytes,
		Buffer.alloc(0),
		new Metadata(),
		options,
		(error, answer) => {
			// The answer is a google.protobuf.StringValue: two bytes before its text.
			const who = error ? `failed: ${error.details}` : answer.subarray(2).toString();
			counts[who] = (counts[who] ?? 0) + 1;
		},
	);
}, 1_000 / RATE);
const told = setInterval(() => {
	console.log(JSON.stringify(counts));
	counts = {};
}, 5_000);
setTimeout(
	() => {
		clearInterval(load);
		clearInterval(told);
		client.close();
	},
	SECONDS * 1_000 + 500,
);
