import { z } from "zod";
import { describe } from "../../input/check.js";
import { oneOf } from "../../input/one-of.js";
import { strictObject } from "../../input/strict-object.js";
import { DEFAULT_ZONES, type ZoneSettings } from "../../model/zones/zone-settings.js";

/** Far above what helps. */
const MAX_ENDPOINTS = 1_000;

/** `local`, `off`, or keys. */
export function zonesSchema() {
	const word = z.enum(["local", "off"]).transform((mode): ZoneSettings => ({ ...DEFAULT_ZONES, mode }));
	const keys = strictObject({
		mode: oneOf(["local", "off"]).default(DEFAULT_ZONES.mode).describe("As the word alone."),
		minEndpoints: z
			.int({ error: ({ input }) => `expected a whole number such as 2, not ${describe(input)}` })
			.min(1, { error: ({ input }) => `a zone has at least 1 endpoint, not ${input}` })
			.max(MAX_ENDPOINTS, { error: ({ input }) => `at most ${MAX_ENDPOINTS} endpoints, not ${input}` })
			.default(DEFAULT_ZONES.minEndpoints)
			.describe("A zone with fewer ready endpoints keeps only that part of what it could bear."),
	});
	return z.union([word, keys.transform((each): ZoneSettings => each)], {
		error: ({ input }) => `expected local, off or keys such as {minEndpoints: 2}, not ${describe(input)}`,
	});
}
