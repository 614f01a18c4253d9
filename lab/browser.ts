import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { describe } from "vitest";
import { PATIENCE } from "./patience.js";
import { serverBinary } from "./server-binary.js";

/**
 * A describe of tests with a real Chromium. Where it is not installed they are skipped, and the name says why; with CI=true
 * that is an error.
 */
export function describeBrowser(title: string, body: () => void): void {
	const reason = "chromium missing: apt-get install -y --no-install-recommends chromium";
	if (serverBinary("chromium")) describe(title, body);
	else if (process.env.CI === "true") throw new Error(reason);
	else describe.skip(`${title} (skipped: ${reason})`, body);
}

/** A Chromium of its own, without a window. */
export function startBrowser(): Promise<Browser> {
	const executablePath = serverBinary("chromium");
	if (!executablePath) throw new Error("chromium is not installed");
	return chromium.launch({ executablePath, args: ["--disable-dev-shm-usage"] });
}

/** A page and what it did. */
export interface WatchedPage {
	readonly page: Page;
	/** What its scripts threw and its console says is wrong. */
	readonly errors: readonly string[];
	/** Each request, such as `GET http://127.0.0.1:18001/`. */
	readonly requests: readonly string[];
}

/** A new page in the context, at the address; each wait in it has the tests' patience. */
export async function openPage(context: BrowserContext, address: string): Promise<WatchedPage> {
	context.setDefaultTimeout(PATIENCE);
	const page = await context.newPage();
	const [errors, requests]: [string[], string[]] = [[], []];
	page.on("pageerror", (error) => errors.push(String(error)));
	page.on("console", (message) => {
		if (message.type() === "error") errors.push(message.text());
	});
	page.on("request", (request) => requests.push(`${request.method()} ${request.url()}`));
	await page.goto(address);
	return { page, errors, requests };
}
