import { type Browser, chromium } from "playwright-core";
import { describe } from "vitest";
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
