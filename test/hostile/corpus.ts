import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";

/** A request that a real client has sent, byte by byte. */
export interface RealRequest {
	/** Who, with its version: `Envoy 1.40.0`. */
	readonly client: string;
	/** As in `discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources`. */
	readonly method: string;
	readonly message: Buffer;
}

/** Written by record.ts. JSON, with each byte a character; the nodes of Envoys repeat a lot. */
const FILE = join(import.meta.dirname, "real-requests.json.br");

interface Line {
	readonly client: string;
	readonly method: string;
	readonly message: string;
}

export function readCorpus(): RealRequest[] {
	const lines = JSON.parse(brotliDecompressSync(readFileSync(FILE)).toString()) as Line[];
	return lines.map(({ message, ...rest }) => ({ ...rest, message: Buffer.from(message, "latin1") }));
}

export function writeCorpus(requests: readonly RealRequest[]): void {
	const lines: Line[] = requests.map(({ message, ...rest }) => ({ ...rest, message: message.toString("latin1") }));
	writeFileSync(FILE, brotliCompressSync(JSON.stringify(lines)));
}
