import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { type Backend, startBackends, startGrpcBackend } from "../../lab/backends.js";
import { describeBrowser, openPage, startBrowser } from "../../lab/browser.js";
import { Envoy } from "../../lab/envoy.js";
import { envoyBootstrap } from "../../lab/envoy-bootstrap.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { GrpcXdsClient } from "../../lab/grpc-xds-client.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";

const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
const ATTACK = '<img src="x" onerror="window.attacked = 1"><script>window.attacked = 1</script>';
const VIEWS = {
	overview: "#/",
	services: "#/services",
	service: "#/services/web",
	zones: "#/services/zoned",
	resources: "#/services/web?sent=envoy+eds",
	clients: "#/clients",
	client: "#/clients/envoy-lab",
	changes: "#/changes",
	api: "#/api",
} as const;

describeBrowser("the page in a real browser", () => {
	const owned = new AsyncDisposableStack();
	let browser: Browser;
	let server: Fingerpost;
	let backends: Readonly<Record<"a" | "b", Backend>>;
	let attacker: XdsStream;

	const write = (...lines: readonly object[]) => server.writeFile("web.yaml", JSON.stringify(lines));

	beforeAll(async () => {
		backends = owned.use(await startBackends(startGrpcBackend, "a", "b"));
		server = owned.use(await Fingerpost.start({ guard: "off", services: {} }));
		await write({ address: backends.a.address }, { address: backends.b.address, weight: 50 });
		await server.setServices({
			web: { protocol: "grpc", target: `file://${server.folder}/web.yaml` },
			gone: `file://${server.folder}/gone.yaml`,
			empty: { endpoints: [] },
			zoned: {
				endpoints: ["eu-1a", "eu-1a", "eu-1b", "eu-1b"].map((zone, i) => ({
					address: `10.0.0.${i}:80`,
					locality: { region: "eu", zone },
				})),
			},
		});
		const [found] = Object.values(inject("envoys"));
		if (!found || !("path" in found)) throw new Error("an Envoy is needed");
		const node = { id: "envoy-lab", cluster: "lab", locality: { region: "eu", zone: "eu-1a" } };
		const bootstrap = envoyBootstrap({ mode: "delta", xds: [server.xdsPort] });
		owned.use(await Envoy.start(found.path, { ...bootstrap, node }));
		const client = owned.use(new GrpcXdsClient({ port: server.xdsPort, node: "grpc-lab" }));
		await client.waitForBackends("web", ["a", "b"]);
		// Whoever connects chooses the name of its node, those it asks for, and the words of its rejections.
		attacker = owned.adopt(new XdsStream({ port: server.xdsPort }), (stream) => stream[Symbol.dispose]());
		const asks = { type_url: EDS, resource_names: ["web", `${ATTACK}-name`] };
		attacker.send({ ...asks, node: { id: `${ATTACK}-node`, user_agent_name: ATTACK } } as never);
		const { nonce } = await attacker.next("web", () => true);
		attacker.send({ ...asks, response_nonce: nonce, error_detail: { code: 3, message: `${ATTACK}-words` } } as never);
		await waitUntil("it is rejected", async () => (await server.nacks()).length > 0);
		browser = await startBrowser();
		owned.defer(() => browser.close());
	});

	afterAll(() => owned.disposeAsync());

	/** A page that is loaded; an error in it is one of the test, and so is a request that is no GET of its own server. */
	async function open(hash: string, options: BrowserContextOptions = {}): Promise<Page & AsyncDisposable> {
		const context = await browser.newContext({ viewport: { width: 1_280, height: 900 }, ...options });
		const { page, errors, requests } = await openPage(context, `${server.adminUrl}/${hash}`);
		if (hash !== VIEWS.api) await page.locator("#content[data-loaded]").waitFor({ state: "attached" });
		return Object.assign(page, {
			async [Symbol.asyncDispose]() {
				await context.close();
				expect(errors).toEqual([]);
				expect(requests.filter((each) => !each.startsWith(`GET ${server.adminUrl}/`))).toEqual([]);
			},
		});
	}

	const textOf = (page: Page) => page.locator("#view").innerText();

	it("shows what is wrong first: a source that fails, an empty service, a client that rejects", async () => {
		await using page = await open(VIEWS.overview);
		for (const part of ["gone.yaml", "rejects", "asks for what does not exist", "it has no endpoints"]) {
			await page.locator("#view").getByText(part).first().waitFor();
		}
		const text = await textOf(page);
		expect(text).toContain(`process ${server.pid}`);
		expect(text).toContain(server.configPath);
	});

	it("shows a bad reload with its line, without being loaded again", async () => {
		await using page = await open(VIEWS.overview);
		const good = await readFile(server.configPath, "utf8");
		await server.writeConfig('services:\n  web:\n    connectTimout: "1s"\n');
		await page.getByText("The last reload failed").waitFor();
		await page.getByText("fingerpost.yaml:3:").first().waitFor();
		await server.writeConfig(good);
		await page.getByText("The last reload failed").waitFor({ state: "detached" });
	});

	it("shows services with their targets, and finds them", async () => {
		await using page = await open(VIEWS.services);
		await page.getByRole("rowheader", { name: "web" }).waitFor();
		await page.getByText("2/2").first().waitFor();
		await page.getByLabel("Only problems").check();
		await page.getByRole("rowheader", { name: "gone" }).waitFor();
		await page.getByLabel("Only problems").uncheck();
		await page.getByLabel("Name").fill("emp");
		await page.getByRole("rowheader", { name: "web" }).waitFor({ state: "detached" });
		expect(await page.getByRole("rowheader").allInnerTexts()).toEqual(["empty"]);
		expect(page.url()).toContain("search=emp");
	});

	it("shows a service's endpoints, shares, clients and history, and a change as it comes", async () => {
		await using page = await open(VIEWS.service);
		const row = page
			.getByRole("row")
			.filter({ has: page.getByRole("rowheader", { name: backends.b.address, exact: true }) });
		await row.getByText("33 %").waitFor();
		for (const node of ["envoy-lab", "grpc-lab"]) await page.getByRole("rowheader", { name: node }).waitFor();
		await write({ address: backends.a.address }, { address: backends.b.address, weight: 25 });
		await row.getByText("20 %").waitFor();
		await page.getByText(`${backends.b.address} weight 50 → 25`).waitFor();
		await write({ address: backends.a.address }, { address: backends.b.address, weight: 50 });
		await row.getByText("33 %").waitFor();
	});

	it("shows what each zone of a service bears, and where its clients go, once they count", async () => {
		await using page = await open(VIEWS.zones);
		const zones = page.getByRole("region", { name: "Zones" });
		const row = zones.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "eu/eu-1a", exact: true }) });
		await row.getByText("eu/eu-1a 50 %, eu/eu-1b 50 %").waitFor();
		expect(await row.locator("td").allInnerTexts()).toEqual([
			...["1", "50 %", "100 %", "50 %", "50 %"],
			"eu/eu-1a 50 %, eu/eu-1b 50 %",
		]);
		await page.goto(`${server.adminUrl}/${VIEWS.service}`);
		await page.getByRole("rowheader", { name: "envoy-lab" }).waitFor();
		expect(await zones.count()).toBe(0);
	});

	it("shows the zone of a client, and its group while a service has a subset", async () => {
		await using page = await open(VIEWS.client);
		await page.getByText("eu/eu-1a", { exact: true }).waitFor();
		expect(await page.getByText("by which it gets its part").count()).toBe(0);
		await server.setServices({ huge: { endpoints: [], subset: { size: 2 } } });
		await page.getByText(/^\d+, by which it gets its part/).waitFor();
		await server.setServices({ huge: { endpoints: [] } });
		await page.getByText("by which it gets its part").waitFor({ state: "detached" });
		await server.setServices({ huge: undefined });
	});

	it("shows what each family is sent, as JSON, where it is asked for", async () => {
		await using page = await open(VIEWS.service);
		await page.getByRole("link", { name: "Show it" }).click();
		await page.getByRole("rowheader", { name: "LDS for grpc" }).waitFor();
		await page.getByRole("link", { name: "EDS for envoy" }).click();
		const json = page.getByRole("region", { name: "EDS for envoy" });
		await json.getByText(`"portValue": ${backends.a.address.split(":")[1]}`).waitFor();
		await page.getByRole("link", { name: "Hide it" }).click();
		await json.waitFor({ state: "detached" });
	});

	it("shows clients with a cell a type, and one with what it has, lacks and rejects", async () => {
		await using page = await open(VIEWS.clients);
		const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "envoy-lab" }) });
		await row.getByText("eu/eu-1a").waitFor();
		await row.getByText("synced").nth(1).waitFor();
		await page.getByLabel("State").selectOption({ label: "rejected" });
		await row.waitFor({ state: "detached" });
		await page.getByRole("rowheader").first().getByRole("link").click();
		await page.getByText(`${ATTACK}-words`).waitFor();
		await page.getByText(`${ATTACK}-name`, { exact: true }).waitFor();
		await page
			.getByText(/lacks \d/)
			.first()
			.waitFor();
	});

	it("shows changes as they come, and when the last client had them", async () => {
		await using page = await open(VIEWS.changes);
		await using other = await startGrpcBackend("c");
		await server.setServices({ late: { endpoints: [other.address] } });
		await page.getByRole("link", { name: "late" }).waitFor();
		const late = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: "late" }) });
		await late
			.getByText(/with all clients after \d/)
			.first()
			.waitFor();
		await server.setServices({ late: undefined });
	});

	it("keeps the words of clients text", async () => {
		for (const hash of Object.values(VIEWS)) {
			await using page = await open(hash);
			expect(await page.locator("img, #view script").count(), hash).toBe(0);
			expect(await page.evaluate("window.attacked"), hash).toBeUndefined();
		}
		await using page = await open(`#/clients/${encodeURIComponent(`${ATTACK}-node`)}`);
		expect(await page.locator("h1").first().innerText()).toBe(`${ATTACK}-node`);
		expect(await page.locator("#view img, #view script").count()).toBe(0);
	});

	it.each(["light", "dark"] as const)("has nothing that axe finds, in %s", async (colorScheme) => {
		const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
		for (const hash of Object.values(VIEWS)) {
			await using page = await open(hash, { colorScheme });
			await page.evaluate(axe);
			const { violations } = (await page.evaluate("axe.run()")) as {
				violations: { id: string; nodes: { html: string }[] }[];
			};
			expect(violations.map(({ id, nodes }) => [hash, id, nodes.map(({ html }) => html)])).toEqual([]);
		}
	});

	it("fits 360 pixels", async () => {
		for (const hash of Object.values(VIEWS)) {
			await using page = await open(hash, { viewport: { width: 360, height: 740 } });
			expect(await page.evaluate("document.documentElement.scrollWidth"), hash).toBeLessThanOrEqual(360);
		}
	});

	it("is walked through by the keyboard, and says where it is", async () => {
		await using page = await open(VIEWS.overview);
		await page.keyboard.press("Tab");
		expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to content");
		await page.getByRole("link", { name: "Clients", exact: true }).focus();
		await page.keyboard.press("Enter");
		await page.getByRole("heading", { name: "Clients", level: 1 }).waitFor();
		expect(await page.title()).toBe("Clients - Fingerpost");
		expect(await page.evaluate("document.activeElement.id")).toBe("main");
	});
});
