import { InvalidEndpoints } from "../../input/endpoint-file.js";
import type { EndpointInput } from "../../input/given/endpoint-input.js";
import { GivenEndpoints } from "../../input/given/given-endpoints.js";
import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { SourceFailed } from "../../util/errors.js";

/** More than these are only counted. */
const MOST_NOTES = 20;

/** The lists that a module gives for one target, as in a config; what cannot be is left out and told. */
export class ModuleAnswers {
	readonly #target: string;
	readonly #given = new GivenEndpoints();
	/** The endpoints of this target, by those that were read. */
	readonly #own = new WeakMap<Endpoint, Endpoint>();

	constructor({ text }: Target) {
		this.#target = text;
	}

	/** @throws SourceFailed if it is no list. */
	read(list: unknown): { readonly endpoints: readonly Endpoint[]; readonly notes: readonly string[] } {
		if (!Array.isArray(list)) throw new SourceFailed("the module gave no list of endpoints");
		const notes: string[] = [];
		let read: readonly Endpoint[];
		try {
			read = this.#given.read(list, "the list");
		} catch (error) {
			if (!(error instanceof InvalidEndpoints)) throw error;
			const good = list.filter((each, i) => {
				const problem = problemOf(each);
				if (problem !== undefined) notes.push(`endpoint ${i + 1} is left out: ${problem}`);
				return problem === undefined;
			});
			read = this.#given.read(good, "the list");
		}
		const more = notes.length - MOST_NOTES;
		const at = new Date();
		return {
			endpoints: read.map((each) => this.#ofTarget(each, at)),
			notes: more > 0 ? [...notes.slice(0, MOST_NOTES), `${more} more are left out`] : notes,
		};
	}

	#ofTarget(read: Endpoint, at: Date): Endpoint {
		const known = this.#own.get(read);
		if (known) return known;
		const own = { ...read, origin: { at, ...read.origin, target: this.#target } };
		this.#own.set(read, own);
		return own;
	}
}

function problemOf(input: EndpointInput): string | undefined {
	try {
		new GivenEndpoints().read([input], "it");
		return undefined;
	} catch (error) {
		if (!(error instanceof InvalidEndpoints)) throw error;
		const [first] = error.problems;
		const path = first?.path.replace(/^endpoints\[0\]\.?/, "");
		return `${path ? `${path}: ` : ""}${first?.message ?? error.message}`;
	}
}
