import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What is not in Git, and the tests need. */
const MADE = ["src/gen", "dist"];

/** A copy of the project as it is now, committed or not: mutants never stand in the tree itself. */
export class TreeCopy implements Disposable {
	readonly folder = mkdtempSync(join(tmpdir(), "fingerpost-mutants-"));

	constructor() {
		const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
			cwd: ROOT,
			encoding: "utf8",
		});
		for (const path of [...listed.split("\0"), ...MADE]) {
			if (path && existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(this.folder, path), { recursive: true });
		}
		if (!existsSync(join(this.folder, "src/gen"))) throw new Error("src/gen is missing: npm run build makes it");
		symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
	}

	read(file: string): string {
		return readFileSync(join(this.folder, file), "utf8");
	}

	write(file: string, text: string): void {
		writeFileSync(join(this.folder, file), text);
	}

	[Symbol.dispose](): void {
		rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
	}
}
