// A program that serves xDS and is the source of a service itself:
//   node examples/library/control-plane.mjs [HOST:PORT]
// Without an address it takes a free port, and says what an Envoy needs to come there.
import { ControlPlane } from "fingerpost";

const controlPlane = new ControlPlane({
	xds: { listen: process.argv[2] ?? "127.0.0.1:0" },
	admin: { listen: "127.0.0.1:0" },
	services: { legacy: "dns:///localhost:8081" },
});
controlPlane.set("web", ["127.0.0.1:8081", { address: "127.0.0.1", port: 8082, weight: 50 }]);

const { xds, admin } = await controlPlane.start();
console.log(`xds=${xds.host}:${xds.port} admin=${admin.host}:${admin.port}`);
console.log(`npx fingerpost bootstrap envoy --server ${xds.host}:${xds.port} > envoy.yaml && envoy -c envoy.yaml`);

// Every client has the change at once.
const timer = setInterval(() => {
	const weight = 50 + Math.floor(Math.random() * 50);
	controlPlane.set("web", ["127.0.0.1:8081", { address: "127.0.0.1", port: 8082, weight }]);
	console.log(`weight of 127.0.0.1:8082 is ${weight}`);
}, 1_000);

for (const signal of ["SIGINT", "SIGTERM"]) {
	process.once(signal, async () => {
		clearInterval(timer);
		await controlPlane.stop();
		console.log("stopped");
	});
}
