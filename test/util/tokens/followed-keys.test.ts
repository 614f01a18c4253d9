import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CertificateLab } from "../../../lab/certificate-lab.js";
import { fetchText } from "../../../src/util/tokens/fetch-text.js";
import { FollowedKeys } from "../../../src/util/tokens/followed-keys.js";

afterEach(() => void vi.useRealTimers());

const keys = (...kids: string[]) => JSON.stringify({ keys: kids.map((kid) => ({ kty: "EC", kid })) });

/** A server of keys by https, and who follows them by a clock that stands. */
class KeysLab implements AsyncDisposable {
	readonly pki: CertificateLab;
	readonly stop = new AbortController();
	readonly changed: string[][] = [];
	readonly failed: string[] = [];
	readonly #server: Server;
	requests = 0;
	answer: (response: ServerResponse) => void = (response) => response.end(keys("a"));

	private constructor(pki: CertificateLab, server: Server) {
		this.pki = pki;
		this.#server = server;
		server.on("request", (_request, response: ServerResponse) => {
			this.requests++;
			this.answer(response);
		});
	}

	static async start(): Promise<KeysLab> {
		const pki = await CertificateLab.create();
		const [cert, key] = await Promise.all([readFile(pki.path("server.crt")), readFile(pki.path("server.key"))]);
		const server = createServer({ cert, key });
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		return new KeysLab(pki, server);
	}

	get url(): string {
		return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}/keys`;
	}

	async follow(): Promise<FollowedKeys> {
		vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
		const followed = new FollowedKeys(
			{ jwks: this.url, ca: this.pki.path("ca.crt") },
			{
				changed: (set) => this.changed.push(set.keys.map(({ kid }) => String(kid))),
				failed: ({ message }) => this.failed.push(message.replace(this.url, "URL")),
			},
		);
		await followed.start(this.stop.signal);
		return followed;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.stop.abort();
		this.#server.closeAllConnections();
		this.#server.close();
		await this.pki[Symbol.asyncDispose]();
	}
}

describe("keys by https", () => {
	it("are read every 5 minutes, and at most every 10 s where one is not known", async () => {
		await using lab = await KeysLab.start();
		const followed = await lab.follow();
		expect([lab.requests, lab.changed]).toEqual([1, [["a"]]]);
		vi.advanceTimersByTime(9_999);
		await followed.lookAgain();
		expect(lab.requests).toBe(1);
		vi.advanceTimersByTime(1);
		// All that ask meanwhile share one reading.
		await Promise.all([followed.lookAgain(), followed.lookAgain()]);
		expect([lab.requests, lab.changed.length]).toEqual([2, 1]);
		lab.answer = (response) => response.end(keys("a", "b"));
		vi.advanceTimersByTime(299_999);
		expect(vi.getTimerCount()).toBe(1);
		vi.advanceTimersByTime(1);
		expect(vi.getTimerCount()).toBe(0);
		// Joins the reading that has begun.
		await followed.lookAgain();
		expect([lab.requests, lab.changed]).toEqual([3, [["a"], ["a", "b"]]]);
	});

	it("stay while they cannot be read, which is told once and tried again after 10 s", async () => {
		await using lab = await KeysLab.start();
		const followed = await lab.follow();
		lab.answer = (response) => response.writeHead(500).end();
		vi.advanceTimersByTime(300_000);
		await followed.lookAgain();
		for (let again = 0; again < 2; again++) {
			vi.advanceTimersByTime(9_999);
			expect(vi.getTimerCount()).toBe(1);
			vi.advanceTimersByTime(1);
			expect(vi.getTimerCount()).toBe(0);
			await followed.lookAgain();
		}
		expect([lab.requests, lab.failed, lab.changed]).toEqual([4, ["URL: answers 500, not 200"], [["a"]]]);
		lab.answer = (response) => response.end("{");
		vi.advanceTimersByTime(10_000);
		await followed.lookAgain();
		expect(lab.failed[1]).toContain("is not JSON");
		expect(lab.changed).toEqual([["a"]]);
		lab.stop.abort();
		expect(vi.getTimerCount()).toBe(0);
		await followed.lookAgain();
		expect(lab.requests).toBe(5);
	});

	it("are tried again where they cannot be read at the start", async () => {
		await using lab = await KeysLab.start();
		lab.answer = (response) => response.writeHead(503).end();
		const followed = await lab.follow();
		expect([lab.failed, lab.changed]).toEqual([["URL: answers 503, not 200"], []]);
		lab.answer = (response) => response.end(keys("a"));
		vi.advanceTimersByTime(10_000);
		await followed.lookAgain();
		expect(lab.changed).toEqual([["a"]]);
	});
});

describe("what a URL has", () => {
	const read = async (lab: KeysLab, ca?: string) => {
		const own = await readFile(lab.pki.path("ca.crt"), "utf8");
		const options = { ca: ca ?? own, maxBytes: 1_000, timeout: 60_000, signal: lab.stop.signal };
		return fetchText(lab.url, options).catch(({ message }: Error) => message.replace(lab.url, "URL"));
	};

	it("is not looked for elsewhere, and is no more than it may be", async () => {
		await using lab = await KeysLab.start();
		lab.answer = (response) => response.writeHead(302, { location: lab.url }).end();
		expect(await read(lab)).toBe("URL: answers 302, not 200");
		expect(lab.requests).toBe(1);
		lab.answer = (response) => response.end("x".repeat(1_000));
		expect(await read(lab)).toBe("x".repeat(1_000));
		lab.answer = (response) => response.end("x".repeat(1_001));
		expect(await read(lab)).toBe("URL: answers with more than 1000 bytes");
		lab.answer = (response) => response.socket?.destroy();
		expect(await read(lab)).toBe("URL: socket hang up");
	});

	it("is not waited for longer than the time, whether nothing comes or only a part", async () => {
		await using lab = await KeysLab.start();
		const ca = await readFile(lab.pki.path("ca.crt"), "utf8");
		for (const answer of [() => {}, (response: ServerResponse) => void response.writeHead(200).write("x")]) {
			lab.answer = answer;
			const asked = fetchText(lab.url, { ca, maxBytes: 1_000, timeout: 100, signal: lab.stop.signal });
			await expect(asked).rejects.toThrow();
		}
	});

	it("is not taken from a server of another CA", async () => {
		await using lab = await KeysLab.start();
		await using other = await CertificateLab.create();
		expect(await read(lab, other.authority.cert)).toContain("URL: ");
		expect(lab.requests).toBe(0);
	});
});
