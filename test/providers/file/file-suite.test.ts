import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { FileProvider } from "../../../src/providers/file/file-provider.js";
import { tempFolder } from "../../util/temp-folder.js";
import { providerSuite } from "../suite.js";

providerSuite("file", {
	async start() {
		const folder = await tempFolder();
		const lists = new Map<string, string>();
		const put = async (path: string, text: string) => {
			await mkdir(dirname(path), { recursive: true });
			await writeFile(`${path}.new`, text);
			await rename(`${path}.new`, path);
		};
		const pathOf = (n: number) => folder.file(`lists/${n}.json`);
		return {
			provider: new FileProvider(),
			target: (n) => pathToFileURL(pathOf(n)).href,
			async set(n, addresses) {
				lists.set(pathOf(n), JSON.stringify(addresses));
				await put(pathOf(n), JSON.stringify(addresses));
			},
			async fail() {
				for (const path of lists.keys()) await put(path, "half a li");
			},
			async recover() {
				for (const [path, text] of lists) await put(path, text);
			},
			[Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
		};
	},
	invalid: "file://relative/path.yaml",
	lacks: {
		missing: "a file that is not there is a failure",
		silence: "there is no connection",
		requests: "the system tells of changes",
	},
});
