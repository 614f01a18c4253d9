import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeBrowser, openPage, startBrowser } from "../../lab/browser.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";

const EVENTS = "/api/v1/events";
const READERS = 16;

describeBrowser("the page's line to the server", () => {
	const owned = new AsyncDisposableStack();
	let browser: Browser;
	let folder: string;

	beforeAll(async () => {
		folder = owned.adopt(await mkdtemp(join(tmpdir(), "fingerpost-page-")), (path) => rm(path, { recursive: true }));
		browser = await startBrowser();
		owned.defer(() => browser.close());
	});

	afterAll(() => owned.disposeAsync());

	it("is one for all pages of a browser, and the next one's when its page is closed", async () => {
		await using server = await Fingerpost.start({ services: {} });
		await using context = await browser.newContext();
		const isLine = (request: string) => request.includes(EVENTS);
		const first = await openPage(context, `${server.adminUrl}/#/services`);
		await first.page.locator('#status[data-line="live"]').waitFor();
		const second = await openPage(context, `${server.adminUrl}/#/services`);
		await second.page.locator('#status[data-line="live"]').waitFor();
		await server.setServices({ shared: { endpoints: [] } });
		for (const { page } of [first, second]) await page.getByRole("rowheader", { name: "shared" }).waitFor();
		expect([first, second].map(({ requests }) => requests.filter(isLine).length)).toEqual([1, 0]);
		await first.page.close();
		await waitUntil("the other page has the line", () => second.requests.some(isLine));
		expect(second.errors).toEqual([]);
	});

	it("is not needed: without room for a reader the page says so, and looks by itself", async () => {
		await using server = await Fingerpost.start({ services: {} });
		await using context = await browser.newContext();
		const stop = new AbortController();
		const readers = Array.from({ length: READERS }, () =>
			fetch(`${server.adminUrl}${EVENTS}`, { signal: stop.signal }),
		);
		try {
			expect((await Promise.all(readers)).map(({ status }) => status)).toEqual(Array(READERS).fill(200));
			const { page } = await openPage(context, `${server.adminUrl}/#/services`);
			await page.getByText("Not live: looks again every 5 s").waitFor();
			await server.setServices({ polled: { endpoints: [] } });
			await page.getByRole("rowheader", { name: "polled" }).waitFor();
			await page.locator('#status[data-line="polling"]').waitFor();
		} finally {
			stop.abort();
		}
	});

	it("takes a viewer's token, refuses a wrong one, and keeps it in the tab", async () => {
		const viewer = join(folder, "viewer");
		await writeFile(viewer, "sesame\n");
		await using server = await Fingerpost.start({ admin: { tokens: { viewer } }, services: {} });
		await using context = await browser.newContext();
		const { page } = await openPage(context, `${server.adminUrl}/`);
		const enter = async (token: string) => {
			await page.getByLabel("Token").fill(token);
			await page.getByRole("button", { name: "Use it" }).click();
		};
		await page.getByText("This admin server asks for a token").waitFor();
		await enter("wrong");
		await page.getByText("That token does not count.").waitFor();
		await enter("sesame");
		await page.locator('#status[data-line="live"]').waitFor();
		await page.reload();
		await page.getByRole("heading", { name: "What is wrong" }).waitFor();
		const other = await openPage(context, `${server.adminUrl}/`);
		await other.page.getByText("This admin server asks for a token").waitFor();
	});
});
