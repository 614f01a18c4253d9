import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { FingerpostError, messageOf, ServiceNotFound, SourceFailed } from "../../util/errors.js";
import type { AnswerDetails, FoundService, Provider, TargetObserver } from "../provider.js";
import { invalidTarget } from "../read-target.js";
import { ModuleAnswers } from "./module-answers.js";
import { TOOLS } from "./module-tools.js";

/** What a module does: all of it may be missing, wrong or fail. */
type Given = { readonly [K in keyof Provider]?: unknown };

/**
 * The provider of a module, whose mistakes are failures of its own targets and of nothing else. Endpoints may be given as
 * in a config; discover() may be missing.
 * @param check why a target cannot be served.
 * @param create gives the module's provider.
 */
export function guardedProvider(
	type: string,
	check: (target: Target) => string | undefined,
	create: (tools: typeof TOOLS) => unknown,
): Provider {
	let given: Given | undefined;
	let problem: SourceFailed | undefined;
	try {
		given = create(TOOLS) as Given;
		if (typeof given?.watch !== "function") problem = fault(type, "its create() gave no provider with a watch()");
	} catch (error) {
		problem = fault(type, `its create() failed: ${messageOf(error)}`);
	}
	const refusal = (target: Target) => {
		const reason = check(target);
		return reason === undefined ? undefined : invalidTarget(target, reason);
	};
	const watch: Provider["watch"] = (target, observer, options) => {
		const answers = new ModuleAnswers(target);
		const { signal } = options;
		const told = guardedObserver(observer, signal, (list, details) => {
			const { endpoints, notes } = answers.read(list);
			const all = [...textsOf(details?.notes), ...notes];
			observer.endpoints(endpoints, { ...details, notes: all });
		});
		call(problem ?? refusal(target), () => (given as Provider).watch(target, told, options), told.failed, signal);
	};
	const { refresh, watchAll } = given ?? {};
	return {
		watch,
		discover: async (target, options) => {
			options.signal.throwIfAborted();
			const refused = problem ?? refusal(target);
			if (refused) throw refused;
			if (typeof given?.discover !== "function") return firstAnswer(watch, target, options.signal);
			try {
				return new ModuleAnswers(target).read(await (given as Provider).discover(target, options)).endpoints;
			} catch (error) {
				options.signal.throwIfAborted();
				throw asFailure(error);
			}
		},
		...(typeof refresh === "function" && { refresh: (target: Target) => void refresh.call(given, target) }),
		...(typeof watchAll === "function" && {
			watchAll(target, observer, options) {
				const { signal } = options;
				const failed = (error: unknown) => {
					if (!signal.aborted) observer.failed(asFailure(error));
				};
				const services = (list: readonly FoundService[], details?: Pick<AnswerDetails, "notes">) =>
					observer.services(list, { notes: textsOf(details?.notes) });
				call(problem, () => watchAll.call(given, target, { services, failed }, options), failed, signal);
			},
		}),
	};
}

function guardedObserver(
	observer: TargetObserver,
	signal: AbortSignal,
	endpoints: (list: unknown, details?: AnswerDetails) => void,
): TargetObserver & { readonly failed: (error: unknown) => void } {
	const failed = (error: unknown) => {
		if (!signal.aborted) observer.failed(asFailure(error));
	};
	return {
		failed,
		endpoints: (list, details) => {
			if (signal.aborted) return;
			try {
				endpoints(list, details);
			} catch (error) {
				failed(error);
			}
		},
	};
}

/** Starts a watch. It may be an async function, whose failure would be nobody's. */
function call(
	problem: FingerpostError | undefined,
	watch: () => unknown,
	failed: (error: unknown) => void,
	signal: AbortSignal,
): void {
	if (problem) {
		failed(problem);
		return;
	}
	try {
		const result = watch();
		if (result instanceof Promise) result.catch((error) => (signal.aborted ? undefined : failed(error)));
	} catch (error) {
		failed(error);
	}
}

/** What the watch says first. */
async function firstAnswer(
	watch: Provider["watch"],
	target: Target,
	signal: AbortSignal,
): Promise<readonly Endpoint[]> {
	const end = new AbortController();
	const { promise, resolve, reject } = Promise.withResolvers<readonly Endpoint[]>();
	const stop = () => reject(signal.reason);
	signal.addEventListener("abort", stop, { once: true });
	try {
		const until = AbortSignal.any([signal, end.signal]);
		watch(target, { endpoints: resolve, failed: reject }, { signal: until });
		return await promise;
	} finally {
		signal.removeEventListener("abort", stop);
		end.abort();
	}
}

function asFailure(error: unknown): FingerpostError {
	if (error instanceof FingerpostError) return error;
	// Of another copy of Fingerpost, perhaps.
	const { code } = (error ?? {}) as { readonly code?: unknown };
	const message = messageOf(error);
	return code === "SERVICE_NOT_FOUND" ? new ServiceNotFound(message) : new SourceFailed(message, { cause: error });
}

function fault(type: string, problem: string): SourceFailed {
	return new SourceFailed(`the module of "${type}" is at fault: ${problem}`);
}

function textsOf(notes: unknown): readonly string[] {
	return Array.isArray(notes) ? notes.filter((note) => typeof note === "string") : [];
}
