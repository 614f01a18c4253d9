// A provider of one's own: `inventory://name` is found in an inventory that speaks HTTP.
//   node examples/library/own-provider.mjs
import { once } from "node:events";
import { createServer } from "node:http";
import { addressOf, endpoint, poll, Registry, ServiceNotFound, SourceFailed } from "fingerpost";

function inventoryProvider(url, interval) {
	const lookUp = async (target, { signal }) => {
		const response = await fetch(new URL(`/services/${target.authority}`, url), { signal });
		// That there is no such service is an answer; a failure is none, and keeps the last known endpoints.
		if (response.status === 404) throw new ServiceNotFound(`the inventory has no ${target.authority}`);
		if (!response.ok) throw new SourceFailed(`the inventory answers ${response.status}`);
		const hosts = await response.json();
		return hosts.map(({ ip, port }) => endpoint({ address: ip, port, origin: { target: target.text } }));
	};
	// Why a target cannot be served. A config is checked by it, without asking the source.
	const check = (target) => (target.authority === "" ? "expected inventory://name" : undefined);
	return poll(lookUp, { interval, minInterval: interval, check });
}

// An inventory to ask; half a second later it has one host more.
const hosts = [{ ip: "10.0.0.1", port: 8080 }];
const inventory = createServer((request, response) => {
	response.statusCode = request.url === "/services/web" ? 200 : 404;
	response.end(JSON.stringify(hosts));
}).listen(0, "127.0.0.1");
await once(inventory, "listening");
setTimeout(() => hosts.push({ ip: "10.0.0.2", port: 8080 }), 500);

const provider = inventoryProvider(`http://127.0.0.1:${inventory.address().port}`, 100);
const registry = new Registry().register("inventory", provider);
try {
	await registry.discover("inventory://wbe", { timeout: 5_000 });
} catch (error) {
	console.log(`${error.code}: ${error.message}`);
}
// Leaving the loop ends the watch.
for await (const { type, endpoints } of registry.watch("inventory://web")) {
	console.log(`${type}: ${endpoints.map(addressOf).join(" ")}`);
	if (endpoints.length === 2) break;
}
inventory.close().closeAllConnections();
