import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { thirdParties, thirdPartyPage } from "../../lab/third-party.js";

const ROOT = join(import.meta.dirname, "../..");

/** As many packages may come with an installation: a new dependency is to be worth a change of this line. */
const MOST_PACKAGES = 135;
/** Of these, without the Kubernetes client. */
const MOST_WITHOUT_OPTIONAL = 70;
/** Licences that ask for no more than to be named. */
const LICENSES = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "Unlicense", "PSF-2.0"];

describe("what an installation brings along", () => {
	const all = thirdParties();

	it("stands in THIRD-PARTY.md; `npm run third-party` writes it", () => {
		expect(readFileSync(join(ROOT, "THIRD-PARTY.md"), "utf8")).toBe(thirdPartyPage());
	});

	it("is no more than was agreed on", () => {
		expect(all.length).toBeGreaterThan(10);
		expect(all.length).toBeLessThanOrEqual(MOST_PACKAGES);
		expect(all.filter(({ isOptional }) => !isOptional).length).toBeLessThanOrEqual(MOST_WITHOUT_OPTIONAL);
	});

	it("has licences that allow its use, each", () => {
		const others = all.filter(({ license }) =>
			license
				.replace(/[()]/g, "")
				.split(/ (?:AND|OR) /)
				.some((each) => !LICENSES.includes(each)),
		);
		expect(others).toEqual([]);
	});
});
