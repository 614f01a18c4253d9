import { SourceFailed } from "../../util/errors.js";

/** An event of a `text/event-stream`. */
export interface ServerEvent {
	/** `message` unless the server names it. */
	readonly name: string;
	readonly data: string;
	/** Of this event, or of the last one before it that had one. */
	readonly id: string | undefined;
}

/** Reads server-sent events (HTML, section 9.2.6) piece by piece. */
export class EventStream {
	readonly #maxLength: number;
	/** Of a line whose end has not come. */
	readonly #pieces: string[] = [];
	/** Lines of the event whose end has not come. */
	readonly #data: string[] = [];
	/** Characters of both. */
	#length = 0;
	#name = "";
	#id: string | undefined;
	#begun = false;
	/** The last piece ended in a carriage return: a line feed that follows belongs to it. */
	#halfEnd = false;
	/** Milliseconds before the next connection, as the server asks. */
	retry: number | undefined;

	/** @param maxLength characters of an event. */
	constructor(maxLength: number) {
		this.#maxLength = maxLength;
	}

	/** @returns the events that are complete now. @throws SourceFailed if one is too large. */
	*push(text: string): Generator<ServerEvent, void, undefined> {
		let piece = text;
		if (this.#halfEnd && piece.startsWith("\n")) piece = piece.slice(1);
		if (piece !== "") this.#halfEnd = false;
		if (!this.#begun && piece !== "") {
			this.#begun = true;
			piece = piece.replace(/^\ufeff/, "");
		}
		let from = 0;
		for (const { 0: end, index } of piece.matchAll(/\r\n|\n|\r/g)) {
			this.#keep(piece.slice(from, index));
			const event = this.#line(this.#pieces.splice(0).join(""));
			if (event) yield event;
			from = index + end.length;
			this.#halfEnd = end === "\r" && from === piece.length;
		}
		this.#keep(piece.slice(from));
	}

	#keep(piece: string): void {
		this.#length += piece.length;
		if (this.#length > this.#maxLength) {
			throw new SourceFailed(`an event is larger than ${this.#maxLength} bytes, the most that is read of it`);
		}
		if (piece !== "") this.#pieces.push(piece);
	}

	#line(line: string): ServerEvent | undefined {
		if (line === "") return this.#dispatch();
		const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
		if (field !== "data") this.#length -= line.length;
		if (field === "data") this.#data.push(value);
		else if (field === "event") this.#name = value;
		else if (field === "id" && !value.includes("\0")) this.#id = value;
		else if (field === "retry" && /^\d{1,9}$/.test(value)) this.retry = Number(value);
		return undefined;
	}

	#dispatch(): ServerEvent | undefined {
		const data = this.#data.splice(0);
		const name = this.#name || "message";
		this.#name = "";
		this.#length = 0;
		return data.every((line) => line === "") ? undefined : { name, data: data.join("\n"), id: this.#id };
	}
}
