import { closeSync, openSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Child } from "../../../lab/child.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { MAIN } from "../run-program.js";

const SERVICES = {
	"checkout-of-the-shop": "dns:///checkout.shop.example.invalid:8080",
	web: { endpoints: ["127.0.0.1:8081", { address: "127.0.0.1:8082", weight: 50 }] },
};

function start() {
	return Fingerpost.start({ services: SERVICES, providers: { dns: { servers: ["127.0.0.1:9"], timeout: "1s" } } });
}

/** What a command shows in a terminal of that width. */
async function inTerminal(columns: number, server: Fingerpost, ...args: string[]): Promise<string> {
	const command = [process.execPath, MAIN, ...args, "--admin", new URL(server.adminUrl).host].join(" ");
	await using child = new Child("script", ["-qec", `stty cols ${columns}; ${command}`, "/dev/null"], {
		env: { ...process.env, TERM: "xterm" },
	});
	expect(await child.exited).toMatchObject({ code: 0 });
	return child.stdout.join("\n").replaceAll("\r", "");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const plain = (text: string) => text.replace(/\u001b\[\d+m/g, "");

describe("what is shown in a terminal", () => {
	it("fits where it is narrow, with the columns that say most", async () => {
		await using server = await start();
		const text = plain(await inTerminal(60, server, "services"));
		const [head = "", ...rows] = text.split("\n\n", 1)[0]?.split("\n") ?? [];
		expect(head).toMatch(/^NAME +STATE +ENDPOINTS +TARGETS/);
		expect(rows).toHaveLength(2);
		for (const line of [head, ...rows]) expect([...line].length).toBeLessThanOrEqual(60);
		expect(rows[1]).toMatch(/^web +synced +2\/2 +inline/);
	});

	it("stands below each other where a table does not fit", async () => {
		await using server = await start();
		const text = plain(await inTerminal(30, server, "services"));
		expect(text).toMatch(/^NAME: +web$/m);
		expect(text).toMatch(/^ENDPOINTS: +2\/2$/m);
	});

	it("is coloured: what is well in green, no ready endpoint in red", async () => {
		await using server = await start();
		const text = await inTerminal(120, server, "services");
		expect(text).toContain("\u001b[32msynced\u001b[39m");
		expect(text).toContain("\u001b[31m0/0\u001b[39m");
	});
});

it("services says in one line that stdout is full", async () => {
	await using server = await start();
	const full = openSync("/dev/full", "w");
	const args = [MAIN, "services", "--admin", new URL(server.adminUrl).host];
	await using child = new Child(process.execPath, args, { stdio: ["ignore", full, "pipe"] });
	closeSync(full);
	expect(await child.exited).toEqual({ code: 1, signal: null });
	expect(child.stderr).toEqual([expect.stringMatching(/^error: cannot write to stdout: .*no space left/)]);
});

it("serve hints at the ports in use, and is called fingerpost", async () => {
	await using server = await Fingerpost.start({ services: SERVICES }, { args: ["--hints"] });
	const admin = new URL(server.adminUrl).host;
	const hinted = await waitUntil("the hints are there", () => {
		const text = server.stdout.join("\n");
		return text.includes("Ctrl-C ends it") && text;
	});
	expect(hinted).toContain(`npx fingerpost services --admin ${admin} `);
	expect(hinted).toContain(`npx fingerpost status --admin ${admin} `);
	for (const kind of ["envoy", "grpc"])
		expect(hinted).toContain(`npx fingerpost bootstrap ${kind} --server 127.0.0.1:${server.xdsPort} >`);
	expect(readFileSync(`/proc/${server.pid}/comm`, "utf8")).toBe("fingerpost\n");
});
