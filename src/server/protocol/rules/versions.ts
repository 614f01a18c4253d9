/** The client has nothing of a name. */
export const NOTHING = "";
/** The client may have any version of it, or none. */
export const UNKNOWN = "?";
/** The client has rejected all that it was sent of it: it has nothing, or a part of that. */
export const REJECTED = "!";
