// A provider of one's own: `inventory://name` is found in an inventory that speaks HTTP.
//   node examples/library/own-provider.mjs
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { addressOf, endpoint, Registry, ServiceNotFound, SourceFailed } from "fingerpost";

class InventoryProvider {
	#url;
	#interval;

	constructor(url, interval = 5_000) {
		this.#url = url;
		this.#interval = interval;
	}

	// Why a target cannot be served. A config is checked by it, without asking the source.
	check(target) {
		return target.authority === "" ? "expected inventory://name" : undefined;
	}

	async discover(target, { signal }) {
		const response = await fetch(new URL(`/services/${target.authority}`, this.#url), { signal });
		if (response.status === 404) throw new ServiceNotFound(`the inventory has no ${target.authority}`);
		if (!response.ok) throw new SourceFailed(`the inventory answers ${response.status}`);
		const hosts = await response.json();
		return hosts.map(({ ip, port }) => endpoint({ address: ip, port, origin: { target: target.text } }));
	}

	// Never throws. It may tell the same list again: only a difference travels on.
	watch(target, observer, { signal }) {
		void this.#poll(target, observer, signal);
	}

	async #poll(target, observer, signal) {
		while (!signal.aborted) {
			try {
				observer.endpoints(
					await this.discover(target, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) }),
				);
			} catch (error) {
				// That there is no such service is an answer; a failure is none, and keeps the last known endpoints.
				if (error instanceof ServiceNotFound) observer.endpoints([]);
				else observer.failed(SourceFailed.from(error, "SOURCE_FAILED"));
			}
			await delay(this.#interval, undefined, { signal }).catch(() => {});
		}
	}
}

// An inventory to ask; half a second later it has one host more.
const hosts = [{ ip: "10.0.0.1", port: 8080 }];
const inventory = createServer((request, response) => {
	response.statusCode = request.url === "/services/web" ? 200 : 404;
	response.end(JSON.stringify(hosts));
}).listen(0, "127.0.0.1");
await once(inventory, "listening");
setTimeout(() => hosts.push({ ip: "10.0.0.2", port: 8080 }), 500);

const provider = new InventoryProvider(`http://127.0.0.1:${inventory.address().port}`, 100);
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
