import { describe, expect, it } from "vitest";
import { FakeDns } from "../../lab/fake-dns.js";
import { hasSettings } from "../../src/providers/provider-kind.js";
import { PROVIDER_KINDS } from "../../src/providers/provider-kinds.js";
import { Registry } from "../../src/providers/registry.js";

describe("a registry of a program's own", () => {
	it("has the providers that Fingerpost brings", async () => {
		const registry = new Registry();
		expect(registry.schemes).toEqual(PROVIDER_KINDS.flatMap(({ schemes }) => schemes).sort());
		expect(registry.schemes).toEqual(expect.arrayContaining(["dns", "file", "http", "k8s", "kubernetes", "static"]));
		expect(await registry.discover("127.0.0.1:8080")).toMatchObject([{ address: "127.0.0.1", port: 8080 }]);
		expect(registry.find("dns")).not.toBe(new Registry().find("dns"));
	});

	it("has their settings, and further instances", async () => {
		await using server = await FakeDns.start();
		server.set("web.test", "A", "60 10.1.2.3");
		const settings = { servers: [server.address] };
		const registry = new Registry({ providers: { dns: settings, inner: { type: "dns", ...settings } } });
		for (const target of ["dns:///web.test:80", "inner:///web.test:80"]) {
			expect(await registry.discover(target)).toMatchObject([{ address: "10.1.2.3", port: 80 }]);
		}
		expect(new Set([registry.find("dns"), registry.find("inner"), new Registry().find("dns")]).size).toBe(3);
	});

	it("tells every problem of the settings at once", () => {
		const providers = { dns: { server: [], timeout: "soon" } };
		expect(() => new Registry({ providers })).toThrow(
			expect.objectContaining({
				code: "INVALID_CONFIG",
				problems: [
					expect.objectContaining({ path: "providers.dns.timeout" }),
					expect.objectContaining({ path: "providers.dns.server", message: expect.stringContaining('"servers"') }),
				],
			}),
		);
	});

	const withSettings = PROVIDER_KINDS.filter(hasSettings).map(({ type }) => type);
	const taken = PROVIDER_KINDS.flatMap(({ schemes }) => schemes).filter((scheme) => !withSettings.includes(scheme));

	it.each(taken)("makes no instance of the name %s, which is a scheme of another provider", (scheme) => {
		expect(() => new Registry({ providers: { [scheme]: { type: "dns" } } })).toThrow(
			`the scheme ${scheme} is served by`,
		);
	});
});

describe("the table of providers", () => {
	it("gives each scheme and each name to one provider only, as lower-case words", () => {
		const schemes = PROVIDER_KINDS.flatMap((kind) => kind.schemes);
		expect(new Set(schemes).size).toBe(schemes.length);
		const types = PROVIDER_KINDS.map(({ type }) => type);
		expect(new Set(types).size).toBe(types.length);
		for (const { type, schemes } of PROVIDER_KINDS)
			expect(PROVIDER_KINDS.filter((kind) => kind.schemes.includes(type) && kind.schemes !== schemes)).toEqual([]);
		expect(schemes.filter((scheme) => !/^[a-z][a-z0-9+.-]*$/.test(scheme))).toEqual([]);
	});

	it.each(PROVIDER_KINDS.map((kind) => [kind.type, kind] as const))(
		"%s has defaults for every setting, and an example",
		(_, kind) => {
			expect(kind.schemes).toContain(new Registry().parse(kind.example).scheme);
			expect(() => kind.options.parse({})).not.toThrow();
			expect(() => kind.options.parse({ nonsense: 1 })).toThrow(/unknown key/);
		},
	);
});
