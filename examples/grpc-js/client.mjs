// Calls a service by its name. Its endpoints, and the weight of each, come from Fingerpost.
import { Client, credentials } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";

register();
const client = new Client(`xds:///${process.argv[2] ?? "greeter"}`, credentials.createInsecure());

// In a real program the generated client makes the calls. Here: an empty message goes, and a text in field 1 comes.
const empty = () => Buffer.alloc(0);
const text = (message) => message.subarray(2).toString();
for (let i = 0; i < 10; i++) {
	const deadline = Date.now() + 10_000;
	console.log(
		await new Promise((resolve, reject) => {
			const done = (error, name) => (error ? reject(error) : resolve(name));
			client.makeUnaryRequest("/example.Greeter/Name", empty, text, {}, { deadline }, done);
		}),
	);
}
client.close();
