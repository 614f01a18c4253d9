import { spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { completedCommands } from "../../../src/cli/commands/completion.js";
import { bashScript } from "../../../src/cli/completion/bash.js";
import { fishScript } from "../../../src/cli/completion/fish.js";
import { zshScript } from "../../../src/cli/completion/zsh.js";
import { createProgram } from "../../../src/cli/program.js";
import { tempFolder } from "../../util/temp-folder.js";
import { runProgram } from "../run-program.js";

const nowhere = { write: () => true };
const io = { stdout: nowhere, stderr: nowhere, env: {}, closed: new AbortController().signal };
const commands = completedCommands(createProgram(io, () => {}));

/** What bash offers for the last word of the line. */
async function offered(line: string): Promise<string[]> {
	await using folder = await tempFolder();
	await writeFile(folder.file("completion"), bashScript(commands));
	// Stands for the program, which is asked for the names of services.
	await writeFile(folder.file("fingerpost"), '#!/bin/sh\n[ "$*" = "services -o name" ] && printf "greeter\\nweb\\n"\n');
	await chmod(folder.file("fingerpost"), 0o755);
	const words = line.split(" ").map((word) => `'${word}'`);
	const script = `. ${folder.file("completion")}; COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _fingerpost; printf '%s\\n' "\${COMPREPLY[@]}"`;
	const env = { ...process.env, PATH: `${folder.path}:${process.env.PATH}` };
	const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8", env });
	expect([status, stderr]).toEqual([0, ""]);
	return stdout.split("\n").filter((each) => each !== "");
}

describe("completion in bash", () => {
	it.each([
		["fingerpost ser", ["serve", "services"]],
		["fingerpost bootstrap ", ["envoy", "grpc"]],
		["fingerpost services ", ["greeter", "web"]],
		["fingerpost services gr", ["greeter"]],
		["fingerpost services --st", ["--state"]],
		["fingerpost services --state s", ["synced", "stale"]],
		["fingerpost services web -o ", ["table", "wide", "json", "yaml", "name"]],
		["fingerpost bootstrap envoy --so", ["--sotw"]],
		["fingerpost completion ", ["bash", "zsh", "fish"]],
		["fingerpost serve --config ", []],
	])("offers for %j: %j", async (line, expected) => {
		expect(await offered(line)).toEqual(expected);
	});

	it("offers every command", async () => {
		const names = commands[0]?.commands.map(({ name }) => name);
		expect(await offered("fingerpost ")).toEqual(names);
	});
});

describe("the scripts", () => {
	it.each([
		["bash", bashScript],
		["zsh", zshScript],
		["fish", fishScript],
	] as const)("for %s have each command and each option, and are what the command prints", async (shell, script) => {
		const text = script(commands);
		for (const { path, options } of commands) {
			for (const word of path) expect(text).toContain(word);
			for (const name of options.flatMap(({ names }) => names))
				expect(text).toContain(
					shell === "fish" ? ` -${name.startsWith("--") ? "l" : "s"} ${name.replace(/^-+/, "")}` : name,
				);
		}
		expect(await runProgram(["completion", shell])).toEqual({ code: 0, stdout: text, stderr: "" });
	});

	it.each([
		["bash", ["-n"], bashScript],
		["zsh", ["-n"], zshScript],
		["fish", ["--no-execute"], fishScript],
	] as const)("for %s can be read by it, where it is installed", async (shell, args, script) => {
		await using folder = await tempFolder();
		await writeFile(folder.file("script"), script(commands));
		const { error, status, stderr } = spawnSync(shell, [...args, folder.file("script")], { encoding: "utf8" });
		if (shell !== "bash" && (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return;
		expect([status, stderr]).toEqual([0, ""]);
	});
});
