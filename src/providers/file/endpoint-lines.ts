import { readEndpoints } from "../../input/endpoint-file.js";
import { textReader } from "../../input/text/text-reader.js";
import { addressOf } from "../../model/endpoint.js";

/**
 * In which line of a list of endpoints each of them begins, by its address; of repeats the first counts.
 * @param file its name.
 * @throws InvalidEndpoints; what the signal says, when it ends the reading.
 */
export async function endpointLines(
	text: string,
	file: string,
	signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
	const endpoints = await readEndpoints(text, { file, signal });
	const items = endpoints.map((_, i) => ({ path: [i], at: "value" as const, message: "" }));
	const places = await textReader.place(text, items, { file });
	signal.throwIfAborted();
	const lines = new Map<string, number>();
	for (const [i, e] of endpoints.entries()) {
		const { line = 0 } = places[i] ?? {};
		const address = addressOf(e);
		if (line > 0 && !lines.has(address)) lines.set(address, line);
	}
	return lines;
}
