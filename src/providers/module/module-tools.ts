import type { EndpointInput } from "../../input/given/endpoint-input.js";
import type { Target } from "../../model/target.js";
import { ServiceNotFound, SourceFailed } from "../../util/errors.js";
import { type LookUpOptions, type PollAnswer, type PollOptions, poll } from "../poll/polled-provider.js";
import type { Provider } from "../provider.js";
import { ModuleAnswers } from "./module-answers.js";
import { type ListAll, pollRegistry } from "./poll-registry.js";

type ModuleAnswer =
	| readonly EndpointInput[]
	| (Omit<PollAnswer, "endpoints"> & { readonly endpoints: readonly EndpointInput[] });

/** What a module's create() is given beside its options: it need not import Fingerpost, and may not be able to. */
export const TOOLS = {
	/** As the library's, with endpoints as in a config. */
	poll(lookUp: (target: Target, options: LookUpOptions) => Promise<ModuleAnswer>, options: PollOptions = {}): Provider {
		const polled = poll(async (target, asked) => answerOf(target, await lookUp(target, asked)), options);
		// Its parts, so that a module can put them together with others.
		return {
			check: (target) => polled.check?.(target),
			discover: (target, asked) => polled.discover(target, asked),
			watch: (target, observer, asked) => polled.watch(target, observer, asked),
			refresh: (target) => polled.refresh?.(target),
		};
	},
	/** As poll(), of which services a whole registry has. @returns what a provider has beside watch() and discover(). */
	pollAll(list: ListAll, options: PollOptions = {}): Required<Pick<Provider, "watchAll">> {
		return { watchAll: (target, observer, { signal }) => pollRegistry(target, observer, signal, list, options) };
	},
	ServiceNotFound,
	SourceFailed,
} as const;

function answerOf(target: Target, answer: ModuleAnswer): PollAnswer {
	const given = typeof answer === "object" && answer !== null && "endpoints" in answer ? answer : { endpoints: answer };
	const { endpoints, notes } = new ModuleAnswers(target).read(given.endpoints);
	return { ...given, endpoints, notes: [...("notes" in given ? (given.notes ?? []) : []), ...notes] };
}
