/** The oldest Node that runs Fingerpost, as `engines` in package.json. */
const NEEDED = "22.19.0";

/** What to say of a Node that is too old; undefined where it is not. Every Node that knows modules can run this. */
export function nodeProblem(version: string = process.versions.node): string | undefined {
	if (!isBelow(version, NEEDED)) return undefined;
	return `Fingerpost needs Node ${NEEDED.replace(/\.0$/, "")} or later, this is ${version}`;
}

function isBelow(version: string, needed: string): boolean {
	const [mine, least] = [version, needed].map((text) => text.split(".").map((part) => Number.parseInt(part, 10)));
	for (let i = 0; i < 3; i++) {
		const difference = (mine?.[i] || 0) - (least?.[i] || 0);
		if (difference !== 0) return difference < 0;
	}
	return false;
}
