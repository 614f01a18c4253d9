/**
 * Calls back into a program. What it throws is its own fault: it becomes an uncaught exception there, as for an event
 * listener, and does not stop whoever told it.
 */
export function tell<T>(listener: (value: T) => void, value: T): void {
	try {
		listener(value);
	} catch (error) {
		queueMicrotask(() => {
			throw error;
		});
	}
}
