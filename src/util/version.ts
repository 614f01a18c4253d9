import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Fingerpost's version, from its package.json. */
export const VERSION: string = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;

/** Which replica this is, to clients (`control_plane.identifier`): `fingerpost/0.1.0 HOST`. */
export const IDENTIFIER = `fingerpost/${VERSION} ${hostname()}`;
