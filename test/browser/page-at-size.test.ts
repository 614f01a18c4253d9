import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeBrowser, openPage, startBrowser } from "../../lab/browser.js";
import { cpuTimeOf } from "../../lab/cpu-time.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";

// Times are printed with PAGE_TIMES=1; what is held here does not depend on how busy the machine is.

const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
const COUNT = 1_000;
const PAGES = 10;
const CHANGES = 40;
/** Elements of a view: it has 25 lines however many services and clients there are. */
const MAX_ELEMENTS = 1_500;
/** Bytes of the answers that one look takes. */
const MAX_BYTES = 150_000;
/** CPU time of the server for one look: milliseconds. */
const MAX_CPU = 500;

const VIEWS = { overview: "#/", services: "#/services", clients: "#/clients", changes: "#/changes" } as const;
const name = (i: number) => `service-${String(i).padStart(4, "0")}`;
const address = (i: number, port: number) => ({ endpoints: [`10.0.${i >> 8}.${i & 255}:${port}`] });

/** Runs in the browser: when the view was there, and when what was looked for was, in milliseconds. */
const WATCH = `
	new MutationObserver(() => {
		const content = document.querySelector("#content[data-loaded]");
		if (content) window.loadedAt ??= performance.now();
		if (window.searchedAt && content?.querySelectorAll("tbody tr").length === 1) window.foundAt ??= performance.now();
	}).observe(document, { subtree: true, childList: true, attributes: true });
	document.addEventListener("input", () => { window.searchedAt = performance.now(); }, true);
`;

describeBrowser(`the page with ${COUNT} services and ${COUNT} clients`, () => {
	const owned = new AsyncDisposableStack();
	const clients: XdsStream[] = [];
	const services = Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [name(i), address(i, 80)]));
	let browser: Browser;
	let server: Fingerpost;

	beforeAll(async () => {
		server = owned.use(await Fingerpost.start({ services }));
		owned.defer(() => {
			for (const each of clients) each[Symbol.dispose]();
		});
		for (let i = 0; i < COUNT; i++) {
			const stream = new XdsStream({ port: server.xdsPort });
			clients.push(stream);
			const asks = { type_url: EDS, resource_names: [name(0), name(i)] };
			stream.send({ ...asks, node: { id: `envoy-${i}`, user_agent_name: "envoy" } } as never);
			// Some at a time.
			if (i % 50 !== 49) continue;
			await Promise.all(clients.slice(-50).map((each) => each.next("its endpoints", () => true)));
		}
		for (const [i, stream] of clients.entries()) {
			const { nonce } = await stream.next("its endpoints", () => true);
			stream.send({ type_url: EDS, resource_names: [name(0), name(i)], response_nonce: nonce });
		}
		browser = await startBrowser();
		owned.defer(() => browser.close());
	});

	afterAll(() => owned.disposeAsync());

	async function open(
		hash: string,
	): Promise<Awaited<ReturnType<typeof openPage>> & { context: BrowserContext; bytes: () => number }> {
		const context = await browser.newContext({ viewport: { width: 1_280, height: 900 } });
		await context.addInitScript(WATCH);
		let bytes = 0;
		context.on("response", (response) => {
			if (!response.url().includes("/api/v1/") || response.url().includes("/events")) return;
			void response.body().then(
				(body) => {
					bytes += body.length;
				},
				() => {},
			);
		});
		const opened = await openPage(context, `${server.adminUrl}/${hash}`);
		await opened.page.locator("#content[data-loaded]").waitFor({ state: "attached" });
		return { ...opened, context, bytes: () => bytes };
	}

	const told = (text: string) => process.env.PAGE_TIMES === "1" && console.log(text);

	it.each(Object.entries(VIEWS))("%s is small, and costs the server little", async (view, hash) => {
		// The first look of all is that of a server that has not compiled its code yet.
		await (await open(hash)).context.close();
		const before = await cpuTimeOf(server.pid);
		const { page, context, bytes } = await open(hash);
		const cpu = (await cpuTimeOf(server.pid)) - before;
		const elements = (await page.evaluate("document.querySelectorAll('*').length")) as number;
		const [paint, loaded] = (await page.evaluate(
			"[performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0, window.loadedAt]",
		)) as [number, number];
		told(
			`${view}: painted after ${paint.toFixed(0)} ms, whole after ${loaded.toFixed(0)} ms, server ${cpu} ms of CPU, ${bytes()} bytes`,
		);
		expect(elements).toBeLessThan(MAX_ELEMENTS);
		expect(bytes()).toBeLessThan(MAX_BYTES);
		expect(cpu).toBeLessThan(MAX_CPU);
		await context.close();
	});

	it("finds one of them as it is typed", async () => {
		for (const [hash, label, wanted] of [
			["#/services", "Name", name(777)],
			["#/clients", "Node", "envoy-777"],
		] as const) {
			const { page, context } = await open(hash);
			await page.getByLabel(label).fill(wanted);
			await page.getByRole("rowheader", { name: wanted, exact: true }).waitFor();
			await page.waitForFunction("window.foundAt !== undefined");
			expect(await page.getByRole("rowheader").count()).toBe(1);
			told(
				`search in ${hash}: ${((await page.evaluate("window.foundAt - window.searchedAt")) as number).toFixed(0)} ms`,
			);
			await context.close();
		}
	});

	/** Changes a service so often, and waits for its client each time. @returns the median time from file to client, in ms */
	async function change(times: number, port: number): Promise<number> {
		const took: number[] = [];
		for (let i = 0; i < times; i++) {
			const from = performance.now();
			await server.setServices({ ...services, [name(1)]: address(1, port + i) });
			await waitUntil("the client has it", () => JSON.stringify(clients[1]?.responses.at(-1)).includes(`${port + i}`));
			took.push(performance.now() - from);
		}
		return took.toSorted((a, b) => a - b)[Math.floor(times / 2)] as number;
	}

	it(`asks no more often for many changes, ${PAGES} times open, and pushes arrive meanwhile`, async () => {
		const alone = await change(CHANGES, 1_000);
		const opened = await Promise.all(Array.from({ length: PAGES }, () => open("#/services")));
		await Promise.all(opened.map(({ page }) => page.locator('#status[data-line="live"]').waitFor()));
		const lists = ({ requests }: (typeof opened)[number]) =>
			requests.filter((each) => each.includes("/services?")).length;
		const [before, began] = [opened.map(lists), performance.now()];
		const watched = await change(CHANGES, 2_000);
		await waitUntil("each page has looked", () => opened.every((each, i) => lists(each) > (before[i] as number)));
		const seconds = (performance.now() - began) / 1_000;
		const asked = opened.reduce((sum, each, i) => sum + lists(each) - (before[i] as number), 0);
		told(`file to client: ${alone.toFixed(0)} ms, with ${PAGES} pages ${watched.toFixed(0)} ms`);
		told(`${CHANGES} changes: ${asked} looks of ${PAGES} pages in ${seconds.toFixed(1)} s`);
		// Once a second at most, and what was under way.
		expect(asked).toBeLessThanOrEqual(PAGES * (seconds + 2));
		for (const { context } of opened) await context.close();
	});
});
