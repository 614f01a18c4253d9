/** What "at once" means for a call, in milliseconds: a client's own patience is 15 s, and that of a call here 5 s. */
export const AT_ONCE = 2_000;
