/** Enough of a text to know it by, and little enough where the file is none of ours. */
const SHOWN = 40;

/** A text in quotes for a message; of a long one the first 40 characters. */
export function quote(text: string): string {
	return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text);
}
