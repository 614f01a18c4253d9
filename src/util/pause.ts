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
