import { describe, expect, it } from "vitest";
import { FIRST_CONFIG } from "../../../src/cli/example/first-config.js";
import { parseConfig } from "../../../src/config/load.js";
import { PROVIDER_KINDS } from "../../../src/providers/provider-kinds.js";

/** With every example made live: a comment that is a line of YAML loses its mark. */
function live(text: string): string {
	return text.replaceAll(/^( *)# ((?: {2})*(?:[a-z]+:(?: |$)|- ).*)$/gm, "$1$2");
}

describe("the config that init writes", () => {
	it("is valid as it is", () => {
		expect([...parseConfig(FIRST_CONFIG, "f", {}).services.keys()]).toEqual(["hello"]);
	});

	it("is valid with all its examples, of which there is one for each kind of target", () => {
		const { services, providers } = parseConfig(live(FIRST_CONFIG), "f", { env: {} });
		const sources = ["legacy", "checkout", "billing", "stock", "ledger", "cart", "fleet", "batch"];
		expect([...services.keys()]).toEqual(["hello", ...sources, "web", "search"]);
		expect([...providers.keys()]).toEqual(["dns", "kubernetes"]);
		const schemes = new Set(
			[...services.values()].flatMap(({ targets }) => targets.map(({ target }) => target.scheme)),
		);
		for (const { type, schemes: own } of PROVIDER_KINDS)
			expect(
				own.some((each) => schemes.has(each)),
				type,
			).toBe(true);
	});
});
