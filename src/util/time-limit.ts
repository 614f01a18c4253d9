/**
 * As the work, but no later than the signal, and then with its reason. Who does the work may not
 * listen to the signal.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
	const { promise: aborted, reject } = Promise.withResolvers<never>();
	const stop = () => reject(signal.reason);
	if (signal.aborted) stop();
	signal.addEventListener("abort", stop, { once: true });
	try {
		return await Promise.race([work, aborted]);
	} catch (error) {
		// Work that was cut short says so in words of its own.
		signal.throwIfAborted();
		throw error;
	} finally {
		signal.removeEventListener("abort", stop);
	}
}

export interface TimeLimit {
	/** Milliseconds; no limit of time unless given. */
	readonly ms?: number | undefined;
	/** The error when the time is over. */
	late(): Error;
	/** Ends the work before, with its reason as the error. */
	readonly signal?: AbortSignal | undefined;
}

/**
 * Does the work within the limit. The signal that the work is given fires when the time is over,
 * too.
 */
export async function withinLimit<T>(
	{ ms, late, signal }: TimeLimit,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	signal?.throwIfAborted();
	const limit = new AbortController();
	const timer = ms === undefined ? undefined : setTimeout(() => limit.abort(late()), ms);
	const end = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
	try {
		return await untilAborted(work(end), end);
	} finally {
		clearTimeout(timer);
	}
}

/** Waits so many milliseconds, or less: until the signal fires, and then throws its reason. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
	signal.throwIfAborted();
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	const stop = () => {
		clearTimeout(timer);
		reject(signal.reason);
	};
	const timer = setTimeout(() => {
		signal.removeEventListener("abort", stop);
		resolve();
	}, ms);
	signal.addEventListener("abort", stop, { once: true });
	return promise;
}
