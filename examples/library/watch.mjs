// Follows a target until Ctrl-C; edit endpoints.yaml meanwhile:
//   node examples/library/watch.mjs [TARGET]
import { addressOf, Registry } from "fingerpost";

const target = process.argv[2] ?? new URL("endpoints.yaml", import.meta.url).href;
const end = new AbortController();
process.once("SIGINT", () => end.abort());
process.once("SIGTERM", () => end.abort());

const events = new Registry().watch(target, {
	signal: end.signal,
	// The last known endpoints stay; the source is asked again.
	onError: (error) => console.error(`${error.code}: ${error.message}`),
});
for await (const { type, endpoints, added, removed, changed } of events) {
	const counts = `+${added.length} -${removed.length} ~${changed.length}`;
	console.log(`${type} (${counts}): ${endpoints.map(addressOf).join(" ")}`);
}
console.log("ended");
