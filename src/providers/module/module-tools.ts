import type { EndpointInput } from "../../input/given/endpoint-input.js";
import type { Target } from "../../model/target.js";
import { ServiceNotFound, SourceFailed } from "../../util/errors.js";
import { type LookUpOptions, type PollAnswer, type PollOptions, poll } from "../poll/polled-provider.js";
import type { Provider } from "../provider.js";
import { ModuleAnswers } from "./module-answers.js";

type ModuleAnswer =
	| readonly EndpointInput[]
	| (Omit<PollAnswer, "endpoints"> & { readonly endpoints: readonly EndpointInput[] });

/** What a module's create() is given beside its options: it need not import Fingerpost, and may not be able to. */
export const TOOLS = {
	/** As the library's, with endpoints as in a config. */
	poll(lookUp: (target: Target, options: LookUpOptions) => Promise<ModuleAnswer>, options: PollOptions = {}): Provider {
		return poll(async (target, asked) => answerOf(target, await lookUp(target, asked)), options);
	},
	ServiceNotFound,
	SourceFailed,
} as const;

function answerOf(target: Target, answer: ModuleAnswer): PollAnswer {
	const given = typeof answer === "object" && answer !== null && "endpoints" in answer ? answer : { endpoints: answer };
	const { endpoints, notes } = new ModuleAnswers(target).read(given.endpoints);
	return { ...given, endpoints, notes: [...("notes" in given ? (given.notes ?? []) : []), ...notes] };
}
