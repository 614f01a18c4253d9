/** Fires on SIGINT and SIGTERM, which then no longer end the process by themselves. */
export function interruptSignal(): Disposable & { readonly signal: AbortSignal } {
	const abort = new AbortController();
	const onSignal = () => abort.abort();
	process.once("SIGINT", onSignal);
	process.once("SIGTERM", onSignal);
	return {
		signal: abort.signal,
		[Symbol.dispose]() {
			process.off("SIGINT", onSignal);
			process.off("SIGTERM", onSignal);
		},
	};
}
