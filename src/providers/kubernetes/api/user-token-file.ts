import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";

/**
 * The path of the user's `tokenFile`, a key of kubeconfig files that the client library does not
 * read.
 * @param files the kubeconfig files. The first that has the user counts, as in kubectl.
 */
export async function userTokenFile(user: string, files: readonly string[]): Promise<string | undefined> {
	for (const file of files) {
		const content: unknown = parse(await readFile(file, "utf8"));
		const { users } = (content ?? {}) as { users?: unknown };
		if (!Array.isArray(users)) continue;
		const found = users.find((each) => each?.name === user) as { user?: { tokenFile?: unknown } } | undefined;
		if (!found) continue;
		const path = found.user?.tokenFile;
		return typeof path === "string" && path !== "" ? resolve(dirname(file), path) : undefined;
	}
	return undefined;
}
