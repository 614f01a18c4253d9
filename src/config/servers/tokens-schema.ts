import { z } from "zod";
import { describe } from "../../input/check.js";
import { strictObject } from "../../input/strict-object.js";
import { file } from "./address-schema.js";

/** Whose bearer tokens count. */
export function tokensSchema() {
	return strictObject({
		issuer: text("the token's issuer, such as https://kubernetes.default.svc.cluster.local").describe(
			"Who makes the tokens: what iss must be, to the letter.",
		),
		audience: text("an audience such as fingerpost").describe("For whom they are: what aud must be, or hold."),
		jwks: keySet().describe(
			"The issuer's public keys, a JSON Web Key Set: a file, followed as it changes, or a URL with https.",
		),
		ca: file("PEM").optional().describe("CAs of that URL: a PEM file. The system's unless given."),
	}).refine(({ jwks, ca }) => ca === undefined || isUrl(jwks), {
		error: "is for keys that come by https; these come from a file",
		path: ["ca"],
	});
}

/** Whether the keys are not in a file. */
export function isUrl(jwks: string): boolean {
	return /^[a-z][a-z0-9+.-]*:\/\//i.test(jwks);
}

function keySet() {
	const expected = "expected the path of a file, or a URL with https://";
	return text("a file or URL").superRefine((written, ctx) => {
		const isFine = !isUrl(written) || (URL.parse(written)?.protocol === "https:" && !URL.parse(written)?.username);
		if (!isFine) ctx.addIssue({ code: "custom", message: `${expected} and without a user` });
	});
}

function text(what: string) {
	const expected = `expected ${what}`;
	return z.string({ error: ({ input }) => `${expected}, not ${describe(input)}` }).min(1, { error: expected });
}
