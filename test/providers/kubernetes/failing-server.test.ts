import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeKubeApi, type Reaction } from "../../../lab/fake-kube-api.js";
import { sliceObject } from "../../../lab/slice-object.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { kubernetesProvider, QUICK, toldLast, type Watched, watching } from "./watching.js";

let api: FakeKubeApi;

beforeEach(async () => {
	api = await FakeKubeApi.start();
	api.put(sliceObject("web", { endpoints: ["10.0.0.1"] }));
});

afterEach(async () => {
	await api[Symbol.asyncDispose]();
});

const error = (code: number) =>
	`${JSON.stringify({ type: "ERROR", object: { kind: "Status", message: `said ${code}`, code } })}\n`;
const line = (text: string) =>
	JSON.stringify({
		type: "MODIFIED",
		object: {
			...sliceObject("web", { endpoints: [text] }),
			metadata: { ...sliceObject("web").metadata, resourceVersion: String(api.revision + 1) },
		},
	});

describe("a namespace whose API server fails", () => {
	it("is unknown until the first list, and tells why", async () => {
		let broken = true;
		api.react = () => (broken ? { status: 500 } : undefined);
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await waitUntil("it has failed often", () => watched.told.all.length > 3);
		expect(watched.told.all.every((text) => /^!cannot list .* answered 500/.test(text))).toBe(true);
		expect(api.count("watch")).toBe(0);
		broken = false;
		await toldLast(watched, "10.0.0.1:80");
	});

	it("takes what came before a line that was sent by half", async () => {
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		api.send(`${line("10.0.0.7")}\n{"type":"DELETED","object":{"metad`);
		await toldLast(watched, "10.0.0.7:80");
		const watches = api.count("watch");
		api.endWatches("break");
		await waitUntil("it is watched again", () => api.count("watch") === watches + 1);
		expect(api.requests.at(-1)?.query.get("resourceVersion")).toBe("102");
		expect(api.count("list")).toBe(1);
	});

	it("takes a line that comes in many pieces, within characters too", async () => {
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		const text = line("10.0.0.8").replace('"shop"', '"shöp"');
		for (const part of text.match(/.{1,40}/gs) ?? []) api.send(part);
		api.send("\n");
		await toldLast(watched, "10.0.0.8:80");
	});

	it("takes what came before garbage, then lists again", async () => {
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		api.replace(sliceObject("web", { endpoints: ["10.0.0.3"] }));
		api.send(`${line("10.0.0.7")}\n{"type":"WHAT","object":{}}\n`);
		await toldLast(watched, "10.0.0.3:80");
		expect(watched.told.all).toEqual([
			"10.0.0.1:80",
			"10.0.0.7:80",
			expect.stringMatching(/^!cannot watch .* an event of the type "WHAT" is not understood/),
			"10.0.0.3:80",
		]);
		expect(api.count("list")).toBe(2);
	});

	it.each([
		["in the stream", () => ({ raw: error(410) })],
		["as the status", () => ({ status: 410 })],
	])("lists again after 410 %s, and nobody is told of a failure", async (_, gone) => {
		const timing = { watch: [30_000, 30_000] as const };
		using watched = watching(kubernetesProvider(api.url, {}, timing), "k8s:///shop/web");
		await toldLast(watched, "10.0.0.1:80");
		await waitUntil("it is watched", () => api.open === 1);
		const open = performance.now();
		await waitUntil("the watch is steady", () => performance.now() - open > 4 * QUICK.steady);
		api.replace(sliceObject("web", { endpoints: ["10.0.0.4"] }));
		api.react = ({ kind, index }) => (kind === "watch" && index === 1 ? gone() : undefined);
		api.endWatches();
		await toldLast(watched, "10.0.0.4:80");
		expect(watched.told.all).toEqual(["10.0.0.1:80", "10.0.0.4:80"]);
		expect(api.count("list")).toBe(2);
	});

	it("lists again where the server forgot the revision", async () => {
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		api.replace(sliceObject("web", { endpoints: ["10.0.0.5"] }));
		api.compact();
		api.endWatches();
		await toldLast(watched, "10.0.0.5:80");
		expect(api.count("list")).toBe(2);
	});

	it("lists again where a backup was restored: a watch from the future is silent for ever", async () => {
		for (let i = 0; i < 10; i++) api.put(sliceObject("web", { endpoints: ["10.0.0.1"] }));
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		api.rewind(50);
		api.replace(sliceObject("web", { endpoints: ["10.0.0.6"] }));
		api.endWatches("break");
		await toldLast(watched, "10.0.0.6:80");
		expect(api.count("list")).toBe(2);
		await waitUntil("it is watched from there", () => api.requests.at(-1)?.query.get("resourceVersion") === "51");
	});

	it("notices a connection that is silent for longer than the watch was asked for", async () => {
		using watched = watching(kubernetesProvider(api.url, {}, { overtime: 300 }), "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		api.react = ({ kind, index }) => (kind === "watch" && index === 1 ? { raw: "", after: "stay" } : undefined);
		api.endWatches();
		const problem = /^!cannot watch .* the API server's answer did not end within 1s300ms$/;
		await waitUntil("it is told", () => watched.told.all.some((text) => problem.test(text)));
		await toldLast(watched, "10.0.0.1:80");
		expect(api.count("list")).toBe(1);
	});

	it.each<[string, Reaction, RegExp]>([
		["no answer comes", { silent: true }, /^!cannot list .* did not answer within 400ms$/],
		["a list stalls", { raw: '{"kind":"Endpo', after: "stay" }, /^!cannot list .* answer did not end within 800ms$/],
	])("gives up a request where %s", async (_, reaction, problem) => {
		api.react = ({ kind, index }) => (kind === "list" && index === 0 ? reaction : undefined);
		using watched = watching(kubernetesProvider(api.url, {}, { head: 400, page: 800 }), "k8s:///shop/web");
		await toldLast(watched, "10.0.0.1:80");
		expect(watched.told.all[0]).toMatch(problem);
	});

	it("waits as long as the server asks for with 429, then goes on from where it was", async () => {
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		const waited = await busyFor(watched);
		expect(waited).toBeGreaterThan(1_950);
		expect(api.count("list")).toBe(1);
		await toldLast(watched, "10.0.0.1:80");
	});

	it("is not refreshed while the server asks to wait", async () => {
		const it = kubernetesProvider(api.url, { minInterval: "1s" });
		using watched = watching(it, "k8s:///shop/web");
		const waited = await busyFor(watched, () => it.refresh(watched.target));
		expect(waited).toBeGreaterThan(1_950);
		await waitUntil("it is listed", () => api.count("list") === 2);
		await toldLast(watched, "10.0.0.1:80");
	});

	/** @returns how long nothing was asked after a 429 that asks to wait for two seconds. */
	async function busyFor(watched: Watched, meanwhile = () => {}): Promise<number> {
		await waitUntil("it is watched", () => api.open === 1);
		api.react = ({ index, kind }) =>
			kind === "watch" && index === 1 ? { status: 429, headers: { "retry-after": "2" } } : undefined;
		api.endWatches("break");
		await toldLast(watched, /answered 429/);
		const { length } = api.requests;
		await waitUntil("it asks again", () => {
			meanwhile();
			return api.requests.length > length;
		});
		return (api.requests[length]?.at ?? 0) - (api.requests[length - 1]?.at ?? 0);
	}

	it("tries a kept connection that was closed meanwhile anew, at once and without a failure", async () => {
		api.react = ({ kind, index }) => (index === 0 && kind === "watch" ? { hangUp: true } : undefined);
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		expect([api.count("list"), api.count("watch")]).toEqual([1, 2]);
		expect(watched.told.all).toEqual(["10.0.0.1:80"]);
	});

	it("takes a new connection that is closed without an answer for a failure", async () => {
		api.react = ({ kind, index }) => (index === 0 && kind === "list" ? { hangUp: true } : undefined);
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await toldLast(watched, "10.0.0.1:80");
		expect(watched.told.all).toEqual([expect.stringMatching(/^!cannot list .*socket hang up/), "10.0.0.1:80"]);
	});

	it("comes back after the API server was away", async () => {
		const it = kubernetesProvider(api.url, {}, { head: 400 });
		using watched = watching(it, "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		api.react = () => ({ silent: true });
		api.endWatches("break");
		await toldLast(watched, /^!cannot watch .* did not answer within/);
		expect(api.count("watch")).toBeGreaterThan(1);
		api.react = () => undefined;
		await toldLast(watched, "10.0.0.1:80");
		expect(api.count("list")).toBe(1);
	});
});
