import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { FakeDns } from "../../lab/fake-dns.js";
import { ControlPlane } from "../../src/app/control-plane.js";
import { Registry } from "../../src/app/create-registry.js";
import { loadConfig } from "../../src/app/load-config.js";
import { DiscoveringProvider } from "../client/discovering-provider.js";
import { tempFolder } from "../util/temp-folder.js";

describe("a registry of a program's own", () => {
	it("has the providers that Fingerpost brings", async () => {
		const registry = new Registry();
		expect(registry.schemes).toEqual(["dns", "file", "http", "https", "k8s", "kubernetes", "static"]);
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
});

describe("loading a config for a control plane", () => {
	it("takes the providers that Fingerpost brings unless others are given, and the environment that is given", async () => {
		await using folder = await tempFolder();
		const file = folder.file("fingerpost.yaml");
		const listen = "{listen: 127.0.0.1:0}";
		await writeFile(file, `xds: ${listen}\nadmin: ${listen}\nservices: {web: "127.0.0.1:\${PORT}"}\n`);
		const config = await loadConfig(file, { env: { PORT: "8080" } });
		await using controlPlane = new ControlPlane(config);
		await controlPlane.start();
		expect(controlPlane.counts()).toEqual({ services: 1, endpoints: 1 });

		await writeFile(file, "services: {web: fake:///a}\n");
		await expect(loadConfig(file)).rejects.toMatchObject({
			code: "INVALID_CONFIG",
			problems: [{ file, line: 1, message: expect.stringContaining('no provider for the scheme "fake"') }],
		});
		const registry = new Registry().register("fake", new DiscoveringProvider());
		expect((await loadConfig(file, { registry })).services.size).toBe(1);
	});
});
