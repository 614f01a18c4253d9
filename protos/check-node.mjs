// Runs before everything that npm runs here, on whatever Node there is: no syntax and no import that an old one lacks.
import { readFileSync } from "node:fs";

const { engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const needed = engines.node.replace(">=", "");
const [major, minor] = process.versions.node.split(".").map(Number);
const [leastMajor, leastMinor] = needed.split(".").map(Number);
if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
	console.error(
		`error: Fingerpost needs Node ${needed} or later, this is ${process.versions.node}; npm ci brings the project's own, unless it runs no scripts (then: npm rebuild node --ignore-scripts=false)`,
	);
	process.exit(1);
}
