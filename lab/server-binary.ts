import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";

/** Where Debian puts daemons, which is not in every user's PATH. */
const DAEMONS = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

/** Where the program is: in the folder FINGERPOST_TEST_BIN, else in PATH, else where daemons are. */
export function serverBinary(program: string): string | undefined {
	const folders = [process.env.FINGERPOST_TEST_BIN ?? "", ...(process.env.PATH ?? "").split(delimiter), ...DAEMONS];
	return folders
		.filter((folder) => folder !== "")
		.map((folder) => join(folder, program))
		.find(isExecutable);
}

/**
 * A describe of tests with real servers. Where a program is missing they are skipped, and the name says why; with CI=true
 * that is an error.
 */
export function describeServers(programs: readonly string[], title: string, body: () => void): void {
	const missing = programs.filter((program) => !serverBinary(program));
	const reason = `${missing.join(" and ")} missing; lab/server-binaries.sh FOLDER makes etcd, kube-apiserver and consul, lab/deploy-tools.sh FOLDER helm and promtool; FINGERPOST_TEST_BIN=FOLDER finds them`;
	if (missing.length === 0) describe(title, body);
	else if (process.env.CI === "true") throw new Error(reason);
	else describe.skip(`${title} (skipped: ${reason})`, body);
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
