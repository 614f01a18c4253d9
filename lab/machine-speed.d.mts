/** How many times as long as on the usual machine a computation takes here, at least 1. */
export function slowness(): number;
