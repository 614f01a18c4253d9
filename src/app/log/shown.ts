import { cleanText } from "../../util/text/clean-text.js";

/** More resources than this are not named in a line, and of a name no more characters. */
const MAX_RESOURCES = 20;
const MAX_NAME = 256;
/** Of a client's error; the admin API has more of it. */
const MAX_ERROR = 2_000;

/** A client may ask for a name that is none, and is answered with it. */
export function shown(names: readonly string[], most = MAX_RESOURCES): string[] {
	return names.slice(0, most).map((name) => cleanText(name, { max: MAX_NAME }));
}

/** The beginning of what a client says of an error. */
export function shownError(error: string): string {
	return cleanText(error, { max: MAX_ERROR, lines: true });
}
