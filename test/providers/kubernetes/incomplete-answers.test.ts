import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeKubeApi, type Reaction } from "../../../lab/fake-kube-api.js";
import { sliceObject } from "../../../lab/slice-object.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { kubernetesProvider, toldLast, watching } from "./watching.js";

let api: FakeKubeApi;

beforeEach(async () => {
	api = await FakeKubeApi.start();
	api.put(sliceObject("web", { endpoints: ["10.0.0.1", "10.0.0.2"] }));
});

afterEach(async () => {
	await api[Symbol.asyncDispose]();
});

/** A list that, whole or not, has one endpoint less. */
function list(metadata: Readonly<Record<string, unknown>> = {}): string {
	const slice = sliceObject("web", { endpoints: ["10.0.0.2"] });
	const items = [{ ...slice, metadata: { ...slice.metadata, resourceVersion: "150" } }];
	return JSON.stringify({ kind: "EndpointSliceList", metadata: { resourceVersion: "150", ...metadata }, items });
}

const zipped = gzipSync(list());
const GZIP = { "content-encoding": "gzip" };

const INCOMPLETE: readonly (readonly [string, Reaction])[] = [
	["ends before its content-length", { raw: list(), headers: { "content-length": "9999" }, after: "break" }],
	["breaks off between chunks", { raw: list(), after: "break" }],
	["is half of its JSON", { raw: list().slice(0, -30) }],
	["has lost its end only", { raw: list().slice(0, -1) }],
	["is half of its gzip", { raw: zipped.subarray(0, zipped.length - 20), headers: GZIP }],
	["is no gzip although it says so", { raw: list(), headers: GZIP }],
	["is coded as nobody asked for", { raw: brotliCompressSync(list()), headers: { "content-encoding": "br" } }],
	["lacks items and says so", { raw: list({ remainingItemCount: 1 }) }],
	["goes on with a page that is none", { raw: list({ continue: "next" }) }],
	["is a Status", { raw: JSON.stringify({ kind: "Status", status: "Failure", code: 504 }) }],
	["is a list of something else", { raw: list().replace("EndpointSliceList", "ServiceList") }],
	["has no items", { raw: '{"kind":"EndpointSliceList","metadata":{"resourceVersion":"9"}}' }],
	[
		"has items that are no objects",
		{ raw: '{"kind":"EndpointSliceList","metadata":{"resourceVersion":"9"},"items":[1]}' },
	],
	["nests deep", { raw: `{"items":${"[".repeat(100_000)}` }],
	["is nothing", { raw: "" }],
	["is 204", { status: 204 }],
	["is a redirect", { status: 302, headers: { location: "/apis" } }],
];

describe("an API server's answer", () => {
	it.each(INCOMPLETE)("that %s removes no endpoint", async (_, reaction) => {
		const provider = kubernetesProvider(api.url, { minInterval: "1s" });
		using watched = watching(provider, "k8s:///shop/web");
		await toldLast(watched, "10.0.0.1:80 10.0.0.2:80");
		const listed = api.count("list");
		api.react = ({ kind, query }) =>
			kind === "watch" ? { status: 410 } : query.has("continue") ? { raw: "{}" } : reaction;
		api.endWatches();
		await waitUntil("it was listed again in vain", () => api.count("list") > listed + 1);
		await waitUntil("it is told", () => watched.told.last?.startsWith("!"));
		expect(watched.told.all.filter((text) => !text.startsWith("!"))).toEqual(["10.0.0.1:80 10.0.0.2:80"]);
		// A page of that list may still be asked for.
		api.react = ({ query }) => (query.get("continue") === "next" ? { raw: "{}" } : undefined);
		await toldLast(watched, "10.0.0.1:80 10.0.0.2:80");
	});

	it("is asked for uncoded, and unpacked where a gateway packs it all the same: lists, watches and errors", async () => {
		const event = { type: "MODIFIED", object: JSON.parse(list()).items[0] };
		api.react = ({ kind, index }) =>
			kind === "list"
				? { raw: zipped, headers: GZIP }
				: index === 0
					? { raw: gzipSync(`${JSON.stringify(event)}\n`), headers: GZIP }
					: undefined;
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await toldLast(watched, "10.0.0.2:80");
		await waitUntil("it is watched again", () => api.open === 1);
		expect(watched.told.all).toEqual(["10.0.0.2:80"]);
		expect(api.requests.map(({ headers }) => headers["accept-encoding"])).toEqual(["identity", "identity", "identity"]);
	});

	it("with an error is told without controls, and cut", async () => {
		api.react = () => ({ status: 401, message: `\u001b]0;evil\u0007${"long ".repeat(9_999)}` });
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await waitUntil("it is told", () => watched.told.last?.startsWith("!"));
		expect(watched.told.last).toContain("(\\u001b]0;evil\\u0007long long");
		expect(watched.told.last?.length).toBeLessThan(700);
	});
});
