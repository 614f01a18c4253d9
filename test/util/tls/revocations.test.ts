import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Authority } from "../../../src/cli/certificates/authority.js";
import { atOnce } from "../../../src/util/steps.js";
import { derOf } from "../../../src/util/tls/pem.js";
import { listedAs, Revocations } from "../../../src/util/tls/revocations.js";

const NAMES = { commonName: "c", names: ["c.test"], usage: "client" } as const;
const listed = (cert: string) => listedAs(new X509Certificate(cert));
const read = (...lists: readonly string[]) => atOnce(Revocations.read(lists.map(derOf)));

describe("revocation lists", () => {
	it("end the certificates that they name, of their CA alone, and those of a CA without a list", async () => {
		const [one, two] = [await Authority.create("one"), await Authority.create("two")];
		const [a, b, c] = [await one.issue(NAMES), await one.issue(NAMES), await two.issue(NAMES)];
		const many = Array.from({ length: 2_000 }, (_, i) => (0x10_00_00 + i).toString(16));
		const some = read(await one.revoke([...many, a.serial]), await two.revoke([b.serial]));
		expect([a, b, c].map(({ cert }) => some.ends([listed(cert)]))).toEqual([true, false, false]);
		expect(some.ends([listed(b.cert), listed(a.cert)])).toBe(true);
		expect(some.ends([])).toBe(false);
		const none = read(await one.revoke([]));
		expect([a, b, c].map(({ cert }) => none.ends([listed(cert)]))).toEqual([false, false, true]);
	});

	it("that are cut off or broken are refused, wherever that is", async () => {
		const one = await Authority.create("one");
		const list = derOf(await one.revoke(["01", "02"]));
		for (let end = 0; end < list.length; end++) {
			expect(() => atOnce(Revocations.read([list.subarray(0, end)]))).toThrow(/cut off|no DER|no issuer/);
		}
		expect(() => atOnce(Revocations.read([Buffer.from([0x30, 0x80, 0x00, 0x00])]))).toThrow("it is no DER");
		expect(() => atOnce(Revocations.read([Buffer.from("3080", "hex")]))).toThrow();
	});

	it("are as OpenSSL has the certificate", async () => {
		const one = await Authority.create("one");
		const { cert, serial } = await one.issue(NAMES);
		expect(Buffer.from(listed(cert).serial, "latin1").toString("hex")).toBe(serial);
	});
});
