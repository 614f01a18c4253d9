import { strictObject } from "../../input/strict-object.js";

/** The settings of the `file` provider: none so far. */
export const fileOptions = strictObject({});
