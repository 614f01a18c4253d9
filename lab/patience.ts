/**
 * How long tests wait for what is sure to come, in milliseconds. It tells what hangs from what is slow: no verdict may
 * depend on it, so it is far longer than a busy machine needs.
 */
export const PATIENCE = 60_000;
