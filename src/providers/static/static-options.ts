import { strictObject } from "../../input/strict-object.js";

/** A static target says everything itself: there are no settings. */
export const staticOptions = strictObject({});
