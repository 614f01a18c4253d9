// The quick start is a copy, `quick-start.yaml` in the checkout, so that whoever edits it changes nothing that git follows.
// One that is there already stays as it is.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);
const copy = new URL("quick-start.yaml", root);
if (!existsSync(copy)) {
	const example = readFileSync(new URL("fingerpost.yaml", import.meta.url), "utf8");
	writeFileSync(copy, example.replace("$schema=../../docs/", "$schema=docs/"));
}
