import type { Context, Span, Tracer, TracerProvider } from "@opentelemetry/api";
import type { Logger } from "pino";
import { messageOf } from "../../../util/errors.js";
import { VERSION } from "../../../util/version.js";
import { logLine } from "../../log/log-line.js";

/** What makes spans. */
export interface Tracing {
	readonly tracer: Tracer;
	/** The context of what is done within the span. */
	within(span: Span): Context;
	/** The code of a span's status that says that it failed. */
	readonly failed: number;
}

/** Where OpenTelemetry's API, in whichever copy, keeps what an SDK has registered: since its version 1.0. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/** Undefined unless the program has registered an SDK for traces: then nothing is loaded. */
export function loadTracing(log: Logger): Promise<Tracing | undefined> | undefined {
	const { trace: provider } = (globalThis as { [REGISTERED]?: { readonly trace?: TracerProvider } })[REGISTERED] ?? {};
	return provider && load(provider, log);
}

async function load(provider: TracerProvider, log: Logger): Promise<Tracing | undefined> {
	try {
		const { ROOT_CONTEXT, SpanStatusCode, trace } = await import("@opentelemetry/api");
		return {
			// Of the program's own copy: the API gives no tracer of another one that is older.
			tracer: provider.getTracer("fingerpost", VERSION),
			within: (span) => trace.setSpan(ROOT_CONTEXT, span),
			failed: SpanStatusCode.ERROR,
		};
	} catch (error) {
		logLine(log, "no traces: @opentelemetry/api cannot be loaded from where Fingerpost is", {
			error: messageOf(error),
		});
		return undefined;
	}
}
