import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Child } from "../../../lab/child.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import { type ClientProgram, findExample, LANGUAGES } from "../../../lab/grpc-clients.js";
import { freePorts } from "../../../lab/ports.js";
import { startExampleBackend } from "../../../src/cli/example/example-backend.js";
import { runProgram } from "../../cli/run-program.js";

const found = await Promise.all(LANGUAGES.map(async (language) => [language, await findExample(language)] as const));

describe.each(found)("examples/grpc-%s", (_, example) => {
	it.skipIf("missing" in example)(
		`calls all endpoints of a service by its name${"missing" in example ? ` (skipped: ${example.missing})` : ""}`,
		async () => {
			const ports = await freePorts(2);
			await using _first = await startExampleBackend(ports[0] as number);
			await using _second = await startExampleBackend(ports[1] as number);
			const endpoints = ports.map((port) => `127.0.0.1:${port}`);
			await using fingerpost = await Fingerpost.start({ services: { greeter: { protocol: "grpc", endpoints } } });
			const { stdout } = await runProgram(["bootstrap", "grpc", "--server", `127.0.0.1:${fingerpost.xdsPort}`]);
			const bootstrap = join(fingerpost.folder, "grpc.json");
			await writeFile(bootstrap, stdout);
			const { command, args } = example as ClientProgram;
			await using client = new Child(command, args, { env: { ...process.env, GRPC_XDS_BOOTSTRAP: bootstrap } });
			const exit = await client.exited;
			expect([exit.code, client.stdout.length], client.tail).toEqual([0, 10]);
			expect([...new Set(client.stdout)].sort()).toEqual(ports.map(String).sort());
		},
	);
});
