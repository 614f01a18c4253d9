// @ts-check

/**
 * What server-sent events say, from the text as it comes. EventSource cannot send a token, so fetch() reads them.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventParser {
	#rest = "";

	/**
	 * @param {string} text the next part, cut anywhere
	 * @returns {{kind: string, data: string}[]} the events that are whole by now
	 */
	push(text) {
		const blocks = (this.#rest + text).split("\n\n");
		this.#rest = blocks.pop() ?? "";
		// What has no end is no event, and is not to fill the memory.
		if (this.#rest.length > MAX_REST) this.#rest = "";
		return blocks.flatMap((block) => {
			const lines = block.split("\n");
			const field = (/** @type {string} */ name) =>
				lines
					.filter((line) => line.startsWith(`${name}:`))
					.map((line) => line.slice(name.length + 1).replace(/^ /, ""));
			const data = field("data");
			return data.length > 0 ? [{ kind: field("event")[0] ?? "message", data: data.join("\n") }] : [];
		});
	}
}

const MAX_REST = 4 * 1024 * 1024;
