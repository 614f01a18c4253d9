import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { LoopProbe } from "../../lab/loop-probe.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";
import { tempFolder } from "../util/temp-folder.js";

/** Milliseconds that an answer may hold the event loop. A busy machine's collector of garbage makes it more. */
const HOLD_MS = 50;
const SLACK = 2;
/** A busy machine may take more than its own once. */
const TRIES = 3;

const told = /gives 600000 endpoints/;

describe("what a source says", () => {
	const probe = new LoopProbe();
	let fingerpost: Fingerpost;
	const clients: XdsStream[] = [];
	let folder: Awaited<ReturnType<typeof tempFolder>>;
	beforeAll(async () => {
		folder = await tempFolder();
		fingerpost = await Fingerpost.start({ services: { web: { endpoints: [] } } }, { env: probe.env });
		// Somebody of each family is there to whom it goes.
		for (const agent of ["gRPC lab", "envoy"]) {
			const client = new XdsStream({ port: fingerpost.xdsPort, mode: "sotw" });
			clients.push(client);
			const node = { id: agent, user_agent_name: agent };
			client.send({ node, type_url: TYPE_URL.eds, resource_names: ["web"] });
			await client.next("endpoints", () => true);
		}
	});
	afterAll(async () => {
		for (const client of clients) client[Symbol.dispose]();
		await fingerpost?.[Symbol.asyncDispose]();
		await folder?.[Symbol.asyncDispose]();
	});

	/** @returns the least, of some tries, for which the loop was held at a time. */
	async function leastHold(take: (round: number) => Promise<void>): Promise<number> {
		let least = Number.POSITIVE_INFINITY;
		for (let round = 0; round < TRIES && least >= HOLD_MS; round++) {
			const since = Date.now();
			await take(round);
			least = Math.min(least, probe.longest(since));
		}
		return least;
	}

	async function serviceIs(name: string, fits: (service: Awaited<ReturnType<Fingerpost["service"]>>) => boolean) {
		await waitUntil(`${name} is as it should be`, async () => fits(await fingerpost.service(name)));
	}

	it.each([
		["JSON", (i: number) => `${i === 0 ? "[" : ","}"10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:1"`, "]"],
		["YAML", (i: number) => `- 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:1\n`, ""],
	])("holds nobody up where a file of %s has 600,000 endpoints, which are too many", async (_, line, end) => {
		const text = Array.from({ length: 600_000 }, (_, i) => line(i)).join("") + end;
		const held = await leastHold(async (round) => {
			const path = folder.file(`${end.length}-${round}`);
			await writeFile(path, text);
			const name = `many-${end.length}-${round}`;
			await fingerpost.setServices({ [name]: { targets: [pathToFileURL(path).href] } });
			await waitUntil("it is told", () => fingerpost.log.some(({ text }) => text.includes(name) && told.test(text)));
		});
		expect(held).toBeLessThan(HOLD_MS * SLACK);
	});

	it("holds nobody up where a file has as many endpoints as a target may have", async () => {
		const held = await leastHold(async (round) => {
			const path = folder.file(`full-${round}`);
			const list = Array.from({ length: 50_000 }, (_, i) => `10.${round}.${i >> 8}.${(i * 7) & 255}:${1 + (i % 7)}`);
			await writeFile(path, JSON.stringify(list));
			await fingerpost.setServices({ web: { targets: [pathToFileURL(path).href] } });
			await serviceIs("web", ({ endpoints }) => endpoints.total === 50_000);
			// All of them are other ones.
			const seen = clients.map(({ responses }) => responses.length);
			await writeFile(path, JSON.stringify(list.map((address) => `${address}7`)));
			for (const [i, client] of clients.entries()) await client.next("the others", () => true, seen[i]);
			// The next one is new.
			await fingerpost.setServices({ web: { endpoints: [] } });
			await serviceIs("web", ({ endpoints }) => endpoints.total === 0);
		});
		expect(held).toBeLessThan(HOLD_MS * SLACK);
	});
});
