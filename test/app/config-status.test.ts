import { expect, it } from "vitest";
import { ConfigStatus } from "../../src/app/config-status.js";
import { parseConfig } from "../../src/config/load.js";
import { Registry } from "../../src/providers/registry.js";

const options = { registry: new Registry(), env: {} };

function failureOf(text: string): Error {
	try {
		parseConfig(text, "f.yaml", options);
	} catch (error) {
		return error as Error;
	}
	throw new Error("it is valid");
}

it("the config's status says which file, since when, and how the newest reload went", () => {
	const status = new ConfigStatus("f.yaml");
	const { loadedAt } = status.json();
	expect(status.json()).toMatchObject({ file: "f.yaml", loadedAt: expect.any(String), lastReload: null });
	status.failed(failureOf("services:\n  web: nonsense\n"));
	expect(status.json()).toMatchObject({
		file: "f.yaml",
		loadedAt,
		lastReload: {
			at: expect.any(String),
			success: false,
			error: expect.stringContaining("f.yaml:2:8"),
			problems: [{ file: "f.yaml", line: 2, column: 8, path: "services.web", message: expect.any(String) }],
		},
	});
	status.reloaded();
	expect(status.json().lastReload).toMatchObject({ success: true, error: null, problems: [] });
	expect(new ConfigStatus().json().file).toBeNull();
});

it("it keeps a few of very many problems", () => {
	const services = Array.from({ length: 200 }, (_, i) => `  s${i}: nonsense`).join("\n");
	const status = new ConfigStatus();
	status.failed(failureOf(`services:\n${services}\n`));
	expect(status.json().lastReload?.problems).toHaveLength(50);
});
