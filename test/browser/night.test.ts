import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { describeBrowser, openPage, startBrowser } from "../../lab/browser.js";
import { CertificateLab } from "../../lab/certificate-lab.js";
import { Envoy } from "../../lab/envoy.js";
import { envoyBootstrap } from "../../lab/envoy-bootstrap.js";
import { FakeKubeApi } from "../../lab/fake-kube-api.js";
import { FakeListServer } from "../../lab/fake-list-server.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { sliceObject } from "../../lab/slice-object.js";
import { smallPng } from "../../lab/small-png.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";

// What an operator finds at night, from the page alone. UPDATE_DOCS=1 writes the pictures of docs/page.md anew.

const PREFIX = "type.googleapis.com/envoy.config";
const EDS = `${PREFIX}.endpoint.v3.ClusterLoadAssignment`;
const LDS = `${PREFIX}.listener.v3.Listener`;
const PICTURES = join(import.meta.dirname, "../../docs/pictures");
const SIZE = { width: 1_000, height: 560 };
const REJECTION = "malformed IP address: 10.0.0.1.example";

const addresses = (count: number) => Array.from({ length: count }, (_, i) => `10.0.1.${i + 1}:8080`);

interface Trouble {
	/** What the first page says of it: its kind, and a part of its words. */
	readonly kind: string;
	readonly words: string;
	/** Where that leads, and what the cause is there; none where the first page says all. */
	readonly link?: string;
	readonly cause?: string;
	readonly at?: "tls" | "reloaded";
}

const TROUBLES: Readonly<Record<string, Trouble>> = {
	"wrong-port": {
		...{ kind: "nothing ready", words: 'it has no TCP port "grpc"; there is 80', link: "orders" },
		cause: "k8s:///shop/orders:grpc",
	},
	"typo-in-a-name": { kind: "missing", words: "greter", link: "my-app", cause: "did you mean greeter?" },
	"dead-source": { kind: "target stale", words: "legacy", link: "legacy", cause: "ECONNREFUSED" },
	"held-endpoints": { kind: "held", words: "9 of 10 endpoints", link: "stock", cause: "9 endpoints that the source" },
	"rejected-resource": { kind: "rejects", words: REJECTION, link: "envoy-pay", cause: REJECTION },
	"slow-client": { kind: "slow", words: "has not ACKed", link: "envoy-slow", cause: "stale" },
	"bad-reload": { kind: "reload failed", words: ":4:5 ", cause: "conectTimeout", at: "reloaded" },
	"expired-certificate": { kind: "certificate", words: "expired", cause: "CN=fingerpost.internal", at: "tls" },
};

const VIEWS = {
	...{ "page-overview": "#/", "page-services": "#/services", "page-service": "#/services/greeter" },
	"page-resources": "#/services/greeter?sent=grpc+eds",
	...{ "page-clients": "#/clients", "page-client": "#/clients/envoy-1", "page-changes": "#/changes" },
};

/** Runs in the browser. */
const TO_RESOURCES = `[...document.querySelectorAll("h2")].find((each) => each.textContent.startsWith("What each")).scrollIntoView()`;

describeBrowser("what is wrong at night", () => {
	const owned = new AsyncDisposableStack();
	let browser: Browser;
	let servers: Readonly<Record<"plain" | "tls" | "reloaded", Fingerpost>>;
	/** What stands for what is of this machine alone. */
	let names: readonly (readonly [string, string])[];

	beforeAll(async () => {
		const cluster = owned.use(await FakeKubeApi.start());
		cluster.put(sliceObject("orders", { endpoints: ["10.0.0.1", "10.0.0.2"] }));
		const lists = owned.use(await FakeListServer.start());
		lists.set("/stock", addresses(10));
		const dead = await FakeListServer.start();
		dead.set("/legacy", addresses(2));
		const plain = owned.use(
			await Fingerpost.start({
				guard: { holdFor: "1h" },
				providers: { kubernetes: { server: cluster.url }, sd: { interval: "1s" } },
				services: {
					orders: "k8s:///shop/orders:grpc",
					greeter: { protocol: "grpc", endpoints: ["10.0.0.8:8080", { address: "10.0.0.9:8080", weight: 50 }] },
					legacy: `sd+http://127.0.0.1:${dead.port}/legacy`,
					stock: `sd+http://127.0.0.1:${lists.port}/stock`,
					payments: { endpoints: ["10.0.2.1:8443"] },
					web: { endpoints: ["10.0.3.1:80", "10.0.3.2:80"] },
				},
			}),
		);
		const service = async (name: string) => (await plain.services()).find((each) => each.name === name);
		await waitUntil("both lists are there", async () => (await service("stock"))?.endpoints.total === 10);
		await waitUntil("both lists are there", async () => (await service("legacy"))?.endpoints.total === 2);
		await dead[Symbol.asyncDispose]();
		lists.set("/stock", addresses(1));

		const [envoy] = Object.values(inject("envoys"));
		if (!envoy || !("path" in envoy)) throw new Error("an Envoy is needed");
		const node = { id: "envoy-1", cluster: "lab", locality: { region: "eu", zone: "eu-1a" } };
		owned.use(await Envoy.start(envoy.path, { ...envoyBootstrap({ mode: "delta", xds: [plain.xdsPort] }), node }));
		const client = (id: string, type_url: string, ...resource_names: string[]) => {
			const stream = owned.adopt(new XdsStream({ port: plain.xdsPort }), (each) => each[Symbol.dispose]());
			const user_agent_name = type_url === LDS ? "gRPC Go" : "envoy";
			stream.send({ type_url, node: { id, user_agent_name }, resource_names } as never);
			return stream;
		};
		const typing = client("my-app", LDS, "greter");
		typing.send({
			type_url: LDS,
			resource_names: ["greter"],
			response_nonce: (await typing.next("none", () => true)).nonce,
		});
		const rejecting = client("envoy-pay", EDS, "payments");
		const { nonce } = await rejecting.next("payments", () => true);
		const error_detail = { code: 3, message: REJECTION };
		rejecting.send({ type_url: EDS, resource_names: ["payments"], response_nonce: nonce, error_detail } as never);
		const slow = client("envoy-slow", EDS, "web");
		slow.send({ type_url: EDS, resource_names: ["web"], response_nonce: (await slow.next("web", () => true)).nonce });
		const { services } = JSON.parse(await readFile(plain.configPath, "utf8"));
		await plain.setServices({
			...services,
			web: { endpoints: ["10.0.3.1:80", { address: "10.0.3.2:80", weight: 10 }] },
		});
		await slow.next("the change", () => true, 1);

		const certificates = owned.use(await CertificateLab.create());
		const days = (count: number) => new Date(Date.now() + count * 86_400_000);
		const validity = { notBefore: days(-90), notAfter: days(-1) };
		await certificates.putPair("server", await certificates.server({ commonName: "fingerpost.internal", ...validity }));
		const [cert, key] = [certificates.path("server.crt"), certificates.path("server.key")];
		const web = { endpoints: ["10.0.3.1:80"] };
		const tls = owned.use(await Fingerpost.start({ xds: { tls: { cert, key } }, services: { web } }));
		const reloaded = owned.use(await Fingerpost.start({ services: { web } }));
		await reloaded.writeConfig("services:\n  web:\n    endpoints: [10.0.3.1:80]\n    conectTimeout: 1s\n");
		await reloaded.waitForWarning(/conectTimeout/);

		servers = { plain, tls, reloaded };
		names = [
			...[plain, tls, reloaded].map(({ folder }) => [folder, "/etc/fingerpost"] as const),
			...([
				[certificates.folder, "/etc/fingerpost"],
				[hostname(), "fingerpost-0"],
			] as const),
		];
		browser = await startBrowser();
		owned.defer(() => browser.close());
	});

	afterAll(() => owned.disposeAsync());

	async function open(server: Fingerpost, hash: string): Promise<Page & AsyncDisposable> {
		const context = await browser.newContext({ viewport: SIZE });
		// No path and no name of this machine stands in a picture.
		await context.route(/\/api\/v1\/(?!events)/, async (route) => {
			const answer = await route.fetch();
			const text = names.reduce((body, [from, to]) => body.replaceAll(from, to), await answer.text());
			await route.fulfill({ response: answer, body: text });
		});
		const { page } = await openPage(context, `${server.adminUrl}/${hash}`);
		await page.locator("#content[data-loaded]").waitFor({ state: "attached" });
		return Object.assign(page, { [Symbol.asyncDispose]: () => context.close() });
	}

	async function picture(page: Page, name: string): Promise<void> {
		const path = join(PICTURES, `${name}.png`);
		if (process.env.UPDATE_DOCS === "1") {
			await mkdir(PICTURES, { recursive: true });
			await writeFile(path, await smallPng(page));
		}
		expect(existsSync(path), `${path}: UPDATE_DOCS=1 writes it`).toBe(true);
		expect(await readFile(join(PICTURES, "../page.md"), "utf8")).toContain(`](pictures/${name}.png)`);
	}

	it.each(Object.entries(TROUBLES))(
		"%s is found from the first page, and its cause by one click",
		async (name, trouble) => {
			const { kind, words, link, cause, at = "plain" } = trouble;
			await using page = await open(servers[at], "#/");
			const row = page
				.getByRole("row")
				.filter({ has: page.getByRole("cell", { name: kind, exact: true }) })
				.filter({ hasText: words });
			await row.first().waitFor();
			if (link !== undefined) await row.getByRole("link", { name: link, exact: true }).first().click();
			if (link !== undefined) await page.getByRole("heading", { name: link, level: 1 }).waitFor();
			if (cause !== undefined) await page.locator("#content").getByText(cause).first().waitFor();
			await page.locator("#content[data-loaded]").waitFor({ state: "attached" });
			await picture(page, name);
		},
	);

	it.each(Object.entries(VIEWS))("%s is shown in docs/page.md", async (name, hash) => {
		await using page = await open(servers.plain, hash);
		// It stands far below.
		if (hash.includes("sent=")) await page.evaluate(TO_RESOURCES);
		await picture(page, name);
	});
});
