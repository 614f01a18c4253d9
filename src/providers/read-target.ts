import type { Target } from "../model/target.js";
import { InvalidTarget } from "../util/errors.js";

/** Reads a target, or says why the provider cannot serve it. */
type Reader<T extends object> = (target: Target) => T | string;

/** The `check` of a kind, made of its reader. */
export function checkBy<T extends object>(read: Reader<T>): (target: Target) => string | undefined {
	return (target) => {
		const result = read(target);
		return typeof result === "string" ? result : undefined;
	};
}

/** @throws InvalidTarget */
export function readOrThrow<T extends object>(target: Target, read: Reader<T>): T {
	const result = read(target);
	if (typeof result === "string") throw invalidTarget(target, result);
	return result;
}

export function invalidTarget({ text }: Target, problem: string): InvalidTarget {
	return new InvalidTarget(`"${text}": ${problem}`);
}
