import { execFile } from "node:child_process";
import { expect } from "vitest";
import { parse } from "yaml";
import { type Config, Fingerpost } from "../../../lab/fingerpost.js";
import { PATIENCE } from "../../../lab/patience.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { MAIN } from "../../cli/run-program.js";
import { Section, type Transcript } from "./page.js";

/** With UPDATE_DOCS=1 the page is written anew, with what the commands say. */
const UPDATES = process.env.UPDATE_DOCS === "1";

/** What the page calls it, and what it is in the test. */
export type Names = Readonly<Record<string, string>>;

export interface Scenario {
	readonly heading: string;
	/** Addresses and paths of the page's config and transcripts by what they are here. */
	readonly names?: Names;
	/** Makes the trouble, once Fingerpost serves the page's config; what it gives back ends with the test. */
	readonly trouble?: (fingerpost: Fingerpost) => Promise<Disposable | undefined>;
}

/** Starts Fingerpost with the config of the section, makes the trouble, and holds the page to what its commands say. */
export async function play({ heading, names = {}, trouble }: Scenario): Promise<void> {
	const section = new Section(heading);
	const config = replaced(section.config, Object.entries(names));
	await using fingerpost = await Fingerpost.start(parse(config) as Config);
	using _trouble = await trouble?.(fingerpost);
	const inPage = Object.entries({
		...names,
		"/etc/fingerpost": fingerpost.folder,
		"127.0.0.1:18000": `127.0.0.1:${fingerpost.xdsPort}`,
		"127.0.0.1:18001": fingerpost.adminUrl.replace("http://", ""),
	}).map(([page, here]) => [here, page] as const);
	const say = async ({ command }: Transcript): Promise<Transcript> => {
		const output = replaced(await run(command, fingerpost), inPage);
		return { command, output: output.trimEnd().split("\n").map(steady) };
	};
	if (UPDATES) {
		await settle(() => Promise.all(section.transcripts.map(say)));
		section.replace(await Promise.all(section.transcripts.map(say)));
	}
	const shown = section.transcripts;
	expect(shown.length).toBeGreaterThan(0);
	for (const transcript of shown) {
		const expected = comparable(transcript.output);
		let last: readonly string[] = [];
		const isSaid = async () => {
			last = (await say(transcript)).output;
			return comparable(last) === expected;
		};
		await waitUntil(`${transcript.command} says what the page shows`, isSaid, { interval: 100 }).catch(() => {
			expect(comparable(last)).toBe(expected);
		});
	}
}

/** Until nothing of it changes any more. */
async function settle(look: () => Promise<unknown>): Promise<void> {
	let before = "";
	await waitUntil(
		"the commands say the same twice",
		async () => {
			const now = JSON.stringify(await look());
			const isSame = now === before;
			before = now;
			return isSame;
		},
		{ interval: 1_500 },
	);
}

/** Stdout and stderr of `fingerpost …`, in the folder of the config. */
function run(command: string, fingerpost: Fingerpost): Promise<string> {
	const [program, ...args] = command.split(" ");
	if (program !== "fingerpost") throw new Error(`the page has another command than fingerpost: ${command}`);
	const env = { ...process.env, FINGERPOST_ADMIN: fingerpost.adminUrl.replace("http://", "") };
	return new Promise((resolve) => {
		const options = { cwd: fingerpost.folder, env, timeout: PATIENCE };
		execFile(process.execPath, [MAIN, ...args], options, (_, stdout, stderr) => resolve(stdout + stderr));
	});
}

function replaced(text: string, pairs: readonly (readonly [string, string])[]): string {
	return pairs.reduce((all, [from, to]) => all.replaceAll(from, to), text);
}

/** Ages and lists of numbers that are others each time. */
function steady(line: string): string {
	return line.replaceAll(/\b(?:\d+h)?(?:\d+m)?\d+s\b/g, (age) => "5s".padEnd(age.length)).trimEnd();
}

/** The columns are as wide as what stands in them. */
function comparable(lines: readonly string[]): string {
	return lines.map((line) => steady(line).replaceAll(/ {2,}/g, "  ").trimEnd()).join("\n");
}
