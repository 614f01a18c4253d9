// Looks a target's endpoints up once:
//   node examples/library/discover.mjs [TARGET]
import { Registry, ServiceNotFound } from "fingerpost";

const target = process.argv[2] ?? "127.0.0.1:8081";
const registry = new Registry();

try {
	const endpoints = await registry.discover(target, { timeout: 5_000 });
	for (const { address, port, health, weight } of endpoints) console.log(`${address} ${port} ${health} ${weight}`);
} catch (error) {
	// Anything else is a SourceFailed, InvalidTarget or UnsupportedScheme; each says what to do.
	if (!(error instanceof ServiceNotFound)) throw error;
	console.log(`there is no ${target}: ${error.message}`);
}
