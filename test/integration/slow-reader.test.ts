import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Mode } from "../../lab/envoy-bootstrap.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { UnreadStream } from "../../lab/unread-stream.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL, type XdsRequest, type XdsResponse } from "../../lab/xds-protos.js";

const SLOW_OF_EACH_MODE = 6;
const FILLER = "x".repeat(1_000);

describe("clients that do not read", () => {
	let fingerpost: Fingerpost;
	let reader: XdsStream;
	const slow: UnreadStream[] = [];

	beforeAll(async () => {
		fingerpost = await Fingerpost.start({ services: { small: { endpoints: [] } } });
		await fingerpost.writeFile("big.yaml", endpoints(0));
		await fingerpost.setServices({ big: `file://${fingerpost.folder}/big.yaml` });
		reader = new XdsStream({ port: fingerpost.xdsPort });
	});
	afterAll(async () => {
		for (const stream of [...slow, reader]) stream?.[Symbol.dispose]();
		await fingerpost?.[Symbol.asyncDispose]();
	});

	/** 300 endpoints with about 1 KB each, told apart by the round. */
	function endpoints(round: number): string {
		const metadata = { round: String(round), filler: FILLER };
		return JSON.stringify(Array.from({ length: 300 }, (_, i) => ({ address: `127.0.0.1:${1_000 + i}`, metadata })));
	}

	function request(mode: Mode, nonce?: XdsResponse): XdsRequest {
		const type_url = TYPE_URL.eds;
		const node = { id: "slow" };
		if (mode === "delta") return { type_url, node, resource_names_subscribe: ["big"] };
		const answer = nonce && { response_nonce: nonce.nonce, version_info: nonce.version };
		return { type_url, node, resource_names: ["big"], ...answer };
	}

	const isRound = (round: number) => (response: XdsResponse) =>
		JSON.stringify(response.resources).includes(`"${round}"`);

	/** Writes rounds of changes, each as soon as the reading client has the one before. */
	async function change(from: number, to: number): Promise<void> {
		for (let round = from; round <= to; round++) {
			await fingerpost.writeFile("big.yaml", endpoints(round));
			const response = await reader.next(`round ${round}`, isRound(round));
			reader.responses.length = 0;
			reader.send(request("sotw", response));
		}
	}

	async function memory(): Promise<number> {
		const text = await readFile(`/proc/${fingerpost.pid}/status`, "utf8");
		return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) / 1_024;
	}

	it("cost no memory for what they miss, and get the newest state when they read again", async () => {
		reader.send(request("sotw"));
		await reader.next("round 0", isRound(0));
		for (const mode of ["sotw", "delta"] as const) {
			for (let i = 0; i < SLOW_OF_EACH_MODE; i++) {
				const stream = new UnreadStream(fingerpost.xdsPort, mode);
				stream.send(request(mode));
				slow.push(stream);
			}
		}
		// The worker that reads the file has its heap by then.
		await change(1, 60);
		const before = await memory();
		await change(61, 140);
		// 80 rounds of 300 KB; what the process grows by otherwise (60 MB were seen) is garbage not yet collected.
		expect((await memory()) - before).toBeLessThan(100);

		const [first, second] = [slow[0], slow[SLOW_OF_EACH_MODE]];
		for (const stream of [first, second]) {
			stream?.startReading();
			await stream?.next("the last round", isRound(140));
			expect(stream?.responses.length).toBeLessThanOrEqual(4);
			expect(stream?.responses.at(-1)).toSatisfy(isRound(140));
		}
	});

	it("do not hold up the end of the server", async () => {
		// They would keep it for ever: they neither read nor go.
		expect(await fingerpost.kill("SIGTERM")).toEqual({ code: 0, signal: null });
	});
});
