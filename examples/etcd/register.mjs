// Registers an endpoint in etcd, keeps it alive, and takes it away at the end:
//   node examples/etcd/register.mjs [ADDRESS] [KEY]
// It needs nothing but Node: etcd answers JSON beside gRPC. When the program dies without a word, the lease runs out after
// five seconds, and etcd takes the key away. ETCD names another server.
const etcd = process.env.ETCD || "http://127.0.0.1:2379";
const address = process.argv[2] ?? "127.0.0.1:8082";
const key = process.argv[3] ?? `services/web/${address}`;
const TTL_S = 5;

/** One call of etcd's JSON API. */
async function call(path, body) {
	const response = await fetch(`${etcd}/v3/${path}`, {
		method: "POST",
		body: JSON.stringify(body),
		signal: AbortSignal.timeout(3_000),
	});
	if (!response.ok) throw new Error(`${path}: etcd answered ${response.status}: ${await response.text()}`);
	return response.json();
}

/** What Fingerpost reads: an endpoint as it would stand in a config. */
const value = { address, weight: 100, metadata: { version: "v2" } };
const base64 = (text) => Buffer.from(text).toString("base64");

async function register() {
	const { ID } = await call("lease/grant", { TTL: TTL_S });
	await call("kv/put", { key: base64(key), value: base64(JSON.stringify(value)), lease: ID });
	console.log(`registered ${key}`);
	return ID;
}

const end = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => end.abort());

let lease = await register();
while (!end.signal.aborted) {
	await new Promise((resolve) => {
		const timer = setTimeout(resolve, (TTL_S * 1_000) / 3);
		end.signal.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true });
	});
	if (end.signal.aborted) break;
	try {
		const { result } = await call("lease/keepalive", { ID: lease });
		// etcd was away for longer than the lease lasts: it knows nothing of it any more.
		if (!Number(result?.TTL)) lease = await register();
	} catch (error) {
		console.error(`not kept alive: ${error.message}`);
	}
}
try {
	await call("lease/revoke", { ID: lease });
	console.log("left");
} catch (error) {
	console.error(`etcd takes the key away by itself: ${error.message}`);
}
