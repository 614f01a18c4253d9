import { expect, it } from "vitest";
import { type OverviewJson, overview } from "../../../src/admin/overview/overview.js";
import { endpoint } from "../../../src/model/endpoint.js";
import { FakeSources, fakeClient, fakeService, NOON } from "../fake-sources.js";

const SERVING = endpoint({ address: "127.0.0.1", port: 8080, health: "healthy" });
const SENT = { version: "1", at: NOON };
const QUIET = {
	...{ mode: "delta" as const, wildcard: false, names: ["web"], missing: [], asksNothing: false, synced: true },
	...{ sent: SENT, acked: SENT, nacked: null },
};

function seen(sources: FakeSources): OverviewJson {
	return JSON.parse([...overview(sources)].join("")) as OverviewJson;
}

function kinds({ wrong }: OverviewJson): string[] {
	return wrong.map(({ level, kind, service, node }) => `${level}: ${kind} of ${service ?? node}`);
}

it("finds nothing wrong where nothing is", () => {
	const sources = new FakeSources(fakeService("web"));
	sources.connected = [fakeClient({ types: { eds: QUIET } })];
	const found = seen(sources);
	expect([found.wrong, found.wrongCount]).toEqual([[], 0]);
	expect(found.services).toMatchObject({ total: 1, synced: 1, problems: 0 });
	expect(found.clients).toMatchObject({ total: 1, envoy: 1, synced: 1 });
});

it("tells what is wrong with services, the worst first", () => {
	const target = { target: "file:///web", lastSuccess: NOON, staleSince: NOON, changes: 1 } as const;
	const held = { endpoints: [SERVING], before: 2, since: NOON, until: NOON, why: "target" } as const;
	const sources = new FakeSources(
		fakeService("noted", { notes: ["a is left out"] }),
		fakeService("pinned", { pin: { endpoints: [SERVING], version: "1", since: NOON, until: NOON } }),
		fakeService("held", { targets: [{ ...target, state: "synced", endpoints: 1, held }] }),
		fakeService("stale", { targets: [{ ...target, state: "stale", lastError: { message: "gone", at: NOON } }] }),
		fakeService("empty", { endpoints: [], notes: ["web-1 is left out"] }),
	);
	const found = seen(sources);
	expect(kinds(found)).toEqual([
		"error: nothing ready of empty",
		"warning: pinned of pinned",
		"warning: held of held",
		"warning: target stale of stale",
		"note: note of noted",
		"note: note of empty",
	]);
	expect(found.wrong[0]?.message).toBe("it has no endpoints: web-1 is left out");
	expect(found.wrong.find(({ kind }) => kind === "target stale")?.message).toBe("file:///web: gone");
	expect(found.services).toMatchObject({ total: 5, problems: 4 });
});

it("tells what is wrong with clients", () => {
	const nacked = { version: "1", resources: ["web"], error: "bad port", at: NOON, searching: false };
	const sources = new FakeSources(fakeService("web"));
	sources.connected = [
		fakeClient({ node: "slow", types: { eds: { ...QUIET, synced: false } } }),
		fakeClient({ node: "typo", types: { eds: { ...QUIET, missing: ["wbe"] } } }),
		fakeClient({ node: "mute", types: { eds: { ...QUIET, names: [], asksNothing: true } } }),
		fakeClient({ node: "strict", types: { cds: { ...QUIET, synced: false, nacked } } }),
	];
	const found = seen(sources);
	expect(kinds(found)).toEqual([
		"error: missing of typo",
		"error: rejects of strict",
		"warning: slow of slow",
		"warning: asks nothing of mute",
	]);
	expect(found.wrong[1]?.message).toBe("CDS: rejects web: bad port (envoy 1.40.0)");
	expect(found.clients).toMatchObject({ total: 4, pending: 1, missing: 1, asksNothing: 1, rejected: 1 });
});

it("tells of certificates that expire, and of a reload that failed", () => {
	const iso = NOON.toISOString();
	const certificate = { listener: "xds", subject: "CN=a", notBefore: iso } as const;
	const sources = Object.assign(new FakeSources(fakeService("web")), {
		config: () => ({
			...{ file: "f", loadedAt: iso },
			certificates: [
				{ ...certificate, notAfter: "9999-01-01T00:00:00.000Z", note: "expires soon" },
				{ ...certificate, notAfter: "2020-01-01T00:00:00.000Z", note: "has expired" },
				{ ...certificate, notAfter: "9999-01-01T00:00:00.000Z", note: null },
			],
			lastReload: { at: iso, success: false, error: "f:3:1: no", problems: [] },
		}),
	});
	const told = seen(sources).wrong.map(({ level, kind, message }) => [level, kind, message]);
	expect(told).toEqual([
		["error", "reload failed", "f:3:1: no"],
		["error", "certificate", "xds, CN=a: has expired"],
		["warning", "certificate", "xds, CN=a: expires soon"],
	]);
});

it("tells a hundred of a level, and counts all", () => {
	const found = seen(
		new FakeSources(...Array.from({ length: 130 }, (_, i) => fakeService(`s${i}`, { endpoints: [] }))),
	);
	expect([found.wrong.length, found.wrongCount]).toEqual([100, 130]);
});

it("tells which replicas do not answer, and that nobody knows where their clients are", () => {
	const replica = { id: "x", clients: 0, lastSuccess: NOON, error: "gone" };
	const replicas = (["synced", "self", "connecting", "stale", "failed"] as const).map((state) => {
		return { ...replica, state, address: `${state}:1` };
	});
	const sources = Object.assign(new FakeSources(), { replicas: () => ({ known: false, replicas }) });
	expect(seen(sources).wrong.map(({ level, kind, message }) => `${level}, ${kind}: ${message}`)).toEqual([
		"warning, replica stale: stale:1: gone; its clients still count",
		"warning, replica failed: failed:1: gone; its clients do not count",
		"warning, replicas unknown: none answers: where a zone is full is not known, so all clients get all endpoints",
	]);
});
