/** What "at once" means for a call, in milliseconds: without waiting for as long as a client itself would wait. */
export const AT_ONCE = 15_000;
