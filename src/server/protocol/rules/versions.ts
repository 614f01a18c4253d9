/** The client has nothing of a name. */
export const NOTHING = "";
/** The client may have any version of it, or none. */
export const UNKNOWN = "?";
