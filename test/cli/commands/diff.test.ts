import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../../util/temp-folder.js";
import { runProgram } from "../run-program.js";

describe("fingerpost diff", () => {
	it("says what comes, goes and changes; its exit codes are those of diff", async () => {
		await using folder = await tempFolder();
		const [old, now, bad] = ["old.yaml", "new.yaml", "bad.yaml"].map((name) => folder.file(name)) as [
			string,
			string,
			string,
		];
		await writeFile(old, "services: {web: {endpoints: [127.0.0.1:8081, {address: '127.0.0.1:8082', weight: 50}]}}\n");
		await writeFile(
			now,
			"xds: {listen: 127.0.0.1:1}\nservices: {web: {endpoints: [127.0.0.1:8081, {address: '127.0.0.1:8082', weight: 0}]}, api: 127.0.0.1:8084}\n",
		);
		await writeFile(bad, "services: {web: nonsense}\n");
		expect(await runProgram(["diff", old, old])).toEqual({ code: 0, stdout: "", stderr: "" });
		expect(await runProgram(["diff", old, now])).toEqual({
			code: 1,
			stdout: `+ service api
  + endpoint 127.0.0.1:8084
~ service web
  ~ endpoint 127.0.0.1:8082 weight 50 -> 0
1 added, 0 removed, 1 changed
`,
			stderr: "xds.listen: a changed address to listen on takes effect at the next start\n",
		});
		const json = await runProgram(["diff", old, now, "-o", "json"]);
		expect(JSON.parse(json.stdout)).toMatchObject({ added: [{ name: "api" }], changed: [{ name: "web" }] });
		const trouble = await runProgram(["diff", old, bad]);
		expect([trouble.code, trouble.stdout]).toEqual([2, ""]);
		expect(trouble.stderr).toContain(`${bad}:1:17`);
		expect((await runProgram(["diff", old, "/nonexistent"])).code).toBe(2);
		expect((await runProgram(["diff", old])).code).toBe(2);
	});
});
