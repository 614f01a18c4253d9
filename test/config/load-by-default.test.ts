import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { ControlPlane } from "../../src/app/control-plane.js";
import { loadConfig } from "../../src/config/load.js";
import { Registry } from "../../src/providers/registry.js";
import { DiscoveringProvider } from "../client/discovering-provider.js";
import { tempFolder } from "../util/temp-folder.js";

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
