import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bookmark, FakeKubeApi, type FakeRequest, type Reaction } from "../../../lab/fake-kube-api.js";
import { sliceObject } from "../../../lab/slice-object.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { kubernetesProvider, toldLast, watching } from "./watching.js";

let api: FakeKubeApi;

beforeEach(async () => {
	api = await FakeKubeApi.start();
	api.put(sliceObject("web", { endpoints: ["10.0.0.1"] }));
});

afterEach(async () => {
	await api[Symbol.asyncDispose]();
});

/** Lets at least 700 ms and three requests pass. @returns the requests, and how many times 700 ms it took. */
async function someRequests(): Promise<{ readonly requests: readonly FakeRequest[]; readonly times: number }> {
	const begun = performance.now();
	const since = () => api.requests.filter(({ at }) => at >= begun);
	await waitUntil("the time is over", () => performance.now() - begun > 700 && since().length > 3);
	return { requests: since(), times: (performance.now() - begun) / 700 };
}

const error = (code: number) =>
	`${JSON.stringify({ type: "ERROR", object: { kind: "Status", message: `said ${code}`, code } })}\n`;
/** With full jitter the waits' mean is half the bound: 20, 40, 80, 100, 100, … give about 17 attempts in 700 ms. */
const MOST_ATTEMPTS = 40;

describe("never a busy loop, never emptied", () => {
	it.each<[string, (kind: "list" | "watch") => Reaction | undefined, RegExp]>([
		["answers 500 to everything", () => ({ status: 500 }), /answered 500 \(said 500\)/],
		["answers 504 to everything", () => ({ status: 504 }), /answered 504 \(said 504\)/],
		["answers 410 to every list", (kind) => (kind === "list" ? { status: 410 } : error410()), /answered 410/],
		["answers 410 to every watch", (kind) => (kind === "watch" ? { status: 410 } : undefined), /answered 410/],
		["says 410 in every watch", (kind) => (kind === "watch" ? error410() : undefined), /answered 410/],
		["says 500 in every watch", (kind) => (kind === "watch" ? { raw: error(500) } : undefined), /answered 500/],
		["ends every watch at once", (kind) => (kind === "watch" ? { raw: "" } : undefined), /ends it at once/],
		[
			"ends every watch after a bookmark",
			(kind) => (kind === "watch" ? { raw: bookmark(api.revision) } : undefined),
			/ends it at once/,
		],
		[
			"breaks every watch",
			(kind) => (kind === "watch" ? { raw: "", after: "break" } : undefined),
			/the connection broke off/,
		],
		[
			"ends every watch within a line",
			(kind) => (kind === "watch" ? { raw: '{"type":"MODI', after: "end" } : undefined),
			/ended within a line/,
		],
		["sends HTML", () => ({ raw: "<html>\n" }), /not JSON/],
		["sends something else", () => ({ raw: '{"kind":"PodList","metadata":{},"items":[]}\n' }), /not understood/],
		["redirects", () => ({ status: 302, headers: { location: "/login" } }), /answered 302/],
		["sends half a list", () => ({ raw: '{"kind":"EndpointSliceList"', after: "break" }), /broke off/],
	])("when the API server %s", async (_, reaction, problem) => {
		const timing = { confirm: 20 };
		const it = kubernetesProvider(api.url, {}, timing);
		using watched = watching(it, "k8s:///shop/web");
		await toldLast(watched, "10.0.0.1:80");
		await waitUntil("it is watched", () => api.open === 1);
		api.react = ({ kind }) => reaction(kind);
		api.endWatches("break");
		const { requests, times } = await someRequests();
		expect(requests.filter(({ kind }) => kind === "watch").length).toBeLessThan(MOST_ATTEMPTS * times);
		// A list that is gone is asked for once more at once, in one piece.
		expect(requests.filter(({ kind }) => kind === "list").length).toBeLessThan(2 * MOST_ATTEMPTS * times);
		await waitUntil("the failure is told", () => watched.told.all.some((text) => problem.test(text)));
		expect(new Set(watched.told.all.filter((text) => !text.startsWith("!")))).toEqual(new Set(["10.0.0.1:80"]));
		expect(watched.told.list.map(({ address }) => address)).toEqual(["10.0.0.1"]);

		api.react = () => undefined;
		api.put(sliceObject("web", { endpoints: ["10.0.0.2"] }));
		await toldLast(watched, "10.0.0.2:80");
		const { length } = watched.told.all;
		await waitUntil("it is confirmed", () => watched.told.all.length > length + 5);
		expect(new Set(watched.told.all.slice(length))).toEqual(new Set(["10.0.0.2:80"]));
	});

	function error410(): Reaction {
		return { raw: error(410) };
	}
});
