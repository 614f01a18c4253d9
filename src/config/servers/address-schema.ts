import { z } from "zod";
import { describe } from "../../input/check.js";
import { parseListen, parseListenOrSocket } from "../listen.js";

/** An address to listen on, with its default. */
export function listen(fallback: string) {
	return address(fallback).prefault(fallback);
}

export function address(example: string) {
	return parsed(example, [example, "0.0.0.0:0"], parseListen);
}

/** An address, or a Unix socket. */
export function addressOrSocket(example: string, socket = "unix:/run/fingerpost/admin.sock") {
	return parsed(example, [example, socket], parseListenOrSocket);
}

function parsed<T extends object>(
	example: string,
	examples: readonly string[],
	parse: (text: string) => T | { readonly problem: string },
) {
	return z
		.string({ error: ({ input }) => `expected host:port such as ${example}, not ${describe(input)}` })
		.meta({ examples })
		.transform((text, ctx): T => {
			const parsed = parse(text);
			if (!("problem" in parsed)) return parsed;
			ctx.addIssue({ code: "custom", message: parsed.problem });
			return z.NEVER;
		});
}

/** The path of a file. */
export function file(what: string) {
	const expected = `expected the path of a file, ${what}`;
	return z.string({ error: ({ input }) => `${expected}, not ${describe(input)}` }).min(1, { error: expected });
}

/** The mode of a Unix socket. */
export function socketMode() {
	const expected = 'expected a mode in octal such as "660", in quotes';
	return z
		.string({ error: ({ input }) => `${expected}, not ${describe(input)}` })
		.regex(/^0?[0-7]{3}$/, { error: expected });
}

export function yesOrNo() {
	return z.boolean({ error: ({ input }) => `expected true or false, not ${describe(input)}` });
}
