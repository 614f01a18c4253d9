import { describe } from "vitest";
import type { FoundProgram } from "./go-program.js";

/** A describe of tests that need the program: without it they are skipped with the reason; with CI=true that is an error. */
export function describeProgram(title: string, found: FoundProgram, body: (path: string) => void): void {
	if ("path" in found) describe(title, () => body(found.path));
	else if (process.env.CI === "true") throw new Error(found.missing);
	else describe.skip(`${title} (skipped: ${found.missing})`, () => body(""));
}
