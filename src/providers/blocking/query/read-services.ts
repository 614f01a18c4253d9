import { textReader } from "../../../input/text/text-reader.js";
import { SourceFailed } from "../../../util/errors.js";
import { MAX_SERVICES, tooManyServices } from "../../watch/max-services.js";

/** A JSON answer as a value; a large one is read by a worker. @throws SourceFailed, the signal's reason. */
export async function readJsonAnswer(text: string, signal: AbortSignal): Promise<unknown> {
	const { value, broken, problems } = await textReader.read(text, { file: "the answer" });
	signal.throwIfAborted();
	if (broken) throw new SourceFailed(`the answer is no JSON: ${problems[0]?.message ?? ""}`);
	return value;
}

/** @throws SourceFailed if there are more services than a registry may have. */
export function checkServiceCount(count: number): void {
	if (count > MAX_SERVICES) throw tooManyServices(count);
}

/** The tags of a service in a list. @throws SourceFailed */
export function readTags(service: string, tags: unknown): readonly string[] {
	if (tags === null || tags === undefined) return [];
	if (Array.isArray(tags) && tags.every((tag) => typeof tag === "string")) return tags;
	throw new SourceFailed(`the answer has no list of tags for the service ${JSON.stringify(service)}`);
}
