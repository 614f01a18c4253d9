import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeEtcd } from "../../../lab/fake-etcd.js";
import { startRelay } from "../../../lab/relay.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { Registry } from "../../../src/providers/registry.js";
import { Told } from "../dns/told.js";
import { etcdProvider, watching } from "./etcd-lab.js";

let etcd: FakeEtcd;

beforeEach(async () => {
	etcd = await FakeEtcd.start();
	etcd.put("web/a", "10.0.0.1:80");
});

afterEach(async () => {
	await etcd[Symbol.asyncDispose]();
});

const NO_LEADER = { code: status.UNAVAILABLE, details: "etcdserver: no leader" };
const DENIED = { code: status.PERMISSION_DENIED, details: "etcdserver: permission denied" };

describe("the etcd provider", () => {
	it("lists a prefix, and watches from the revision of the list", async () => {
		using web = watching(etcdProvider([etcd.url]), "etcd:///web/");
		await web.is("10.0.0.1:80");
		await waitUntil("it watches", () => etcd.watches === 1);
		expect(etcd.calls).toEqual(["range web/", `watch web/ from ${etcd.revision + 1}`]);
		etcd.put("web/b", "10.0.0.2:80");
		await web.is("10.0.0.1:80 10.0.0.2:80");
		etcd.delete("web/a");
		await web.is("10.0.0.2:80");
		etcd.delete("web/b");
		await web.is("");
		expect(web.told.details?.notes).toEqual(['there is no key that begins with "web/"']);
	});

	it("misses nothing that happens between the list and the watch", async () => {
		etcd.react = (call) => {
			if (!call.startsWith("watch")) return undefined;
			etcd.react = () => undefined;
			etcd.put("web/a", "10.0.0.7:80");
			return undefined;
		};
		using web = watching(etcdProvider([etcd.url]), "etcd:///web/");
		await web.is("10.0.0.7:80");
	});

	it("has one list and one watch for a target however many watch it, and one stream for all targets", async () => {
		etcd.put("api/a", "10.0.1.1:80");
		const provider = etcdProvider([etcd.url]);
		using web = watching(provider, "etcd:///web/");
		using same = watching(provider, "etcd:///web/");
		using api = watching(provider, "etcd:///api/");
		for (const each of [web, same]) await each.is("10.0.0.1:80");
		await api.is("10.0.1.1:80");
		using late = watching(provider, "etcd:///web/");
		await late.is("10.0.0.1:80");
		await waitUntil("both are watched", () => etcd.watches === 2);
		expect([etcd.streams, etcd.count(/^range web/), etcd.count(/^watch web/)]).toEqual([1, 1, 1]);
	});

	it("reads a long list page by page", async () => {
		for (let i = 0; i < 2_500; i++) etcd.put(`many/${i}`, `10.1.${i >> 8}.${i & 255}:80`);
		using many = watching(etcdProvider([etcd.url]), "etcd:///many/");
		await waitUntil("all are there", () => many.told.list.length === 2_500);
		expect(etcd.count(/^range many/)).toBe(5);
	});

	it("does not read more keys than the target may have", async () => {
		for (let i = 0; i < 2_500; i++) etcd.put(`many/${i}`, "10.1.0.1:80");
		const registry = new Registry().register("etcd", etcdProvider([etcd.url]));
		registry.maxEndpoints = 2_000;
		await expect(registry.discover("etcd:///many/")).rejects.toThrow("there are 2500 keys, and a target may have 2000");
		expect(etcd.count(/^range many/)).toBe(1);
		const told = new Told();
		const controller = new AbortController();
		const limits = { signal: controller.signal, maxEndpoints: () => 2_000 };
		etcdProvider([etcd.url]).watch(parseTarget("etcd:///many/"), told, limits);
		await waitUntil("it is told", () => told.last?.includes("raise maxEndpoints, or use a longer prefix"));
		controller.abort();
	});

	it("asks for shorter pages where the values are large, and leaves those out that are too large", async () => {
		for (let i = 0; i < 100; i++) etcd.put(`large/${i}`, "x".repeat(200_000));
		etcd.put("large/z", "10.0.0.1:80");
		using large = watching(etcdProvider([etcd.url]), "etcd:///large/");
		await large.is("10.0.0.1:80");
		expect(large.told.details?.notes?.[0]).toBe(
			"large/0 is left out: its value has 200000 bytes, and 16384 are the most",
		);
		expect(large.told.details?.notes?.at(-1)).toBe("50 more keys have such notes");
	});

	it.each([
		["no leader", NO_LEADER, /no leader/],
		["an error", { code: status.INTERNAL, details: "broken" }, /broken/],
		["no answer in time", { silent: true as const }, /no answer in time/],
	])("keeps what it knows through %s, and comes back", async (_, reaction, message) => {
		using web = watching(etcdProvider([etcd.url], {}, { answer: 300 }), "etcd:///web/");
		await web.is("10.0.0.1:80");
		etcd.react = (call) => (call.startsWith("range") ? reaction : undefined);
		etcd.endStreams(status.UNAVAILABLE, "etcdserver: no leader");
		await waitUntil("the failure is told", () => message.test(web.told.last ?? ""));
		expect(web.told.all).not.toContain("");
		etcd.react = () => undefined;
		etcd.put("web/a", "10.0.0.2:80");
		await web.is("10.0.0.2:80");
	});

	it("tells of no failure when a stream that has worked ends and the next one begins", async () => {
		using web = watching(etcdProvider([etcd.url], {}, { steady: 0 }), "etcd:///web/");
		await web.is("10.0.0.1:80");
		for (const code of [undefined, status.UNAVAILABLE]) {
			await waitUntil("it watches", () => etcd.watches === 1);
			etcd.endStreams(code);
		}
		await waitUntil("it watches", () => etcd.watches === 1);
		etcd.put("web/a", "10.0.0.2:80");
		await web.is("10.0.0.2:80");
		expect(web.told.all.filter((text) => text.startsWith("!"))).toEqual([]);
	});

	it("does not ask in a tight loop while etcd ends every stream", async () => {
		etcd.react = (call) => {
			if (call.startsWith("watch")) setImmediate(() => etcd.endStreams());
			return undefined;
		};
		using web = watching(etcdProvider([etcd.url], {}, { steady: 60_000, backoff: [400, 400] }), "etcd:///web/");
		const since = performance.now();
		await waitUntil("it has asked some times", () => etcd.count(/^watch/) >= 5);
		expect((performance.now() - since) / 5).toBeGreaterThan(20);
		expect(web.told.all.join("\n")).toMatch(/ended the stream of watches/);
	});

	it("lists again after a compaction, without a failure, unless it comes again and again", async () => {
		using web = watching(etcdProvider([etcd.url]), "etcd:///web/");
		await web.is("10.0.0.1:80");
		await waitUntil("it watches", () => etcd.watches === 1);
		etcd.replace("web/a", "10.0.0.2:80");
		etcd.cancelWatches("", etcd.revision);
		await web.is("10.0.0.2:80");
		expect(web.told.all.filter((text) => text.startsWith("!"))).toEqual([]);
		etcd.react = (call) => (call.startsWith("watch") ? { compacted: 5 } : undefined);
		etcd.cancelWatches("", etcd.revision);
		await waitUntil("it is told", () => /compacted/.test(web.told.all.join("\n")));
		etcd.react = () => undefined;
		etcd.put("web/a", "10.0.0.3:80");
		await web.is("10.0.0.3:80");
	});

	it("tells of a watch that is refused, and tries again; other targets do not feel it", async () => {
		etcd.put("api/a", "10.0.1.1:80");
		etcd.react = (call) => (call.startsWith("watch web/") ? { denied: DENIED.details } : undefined);
		const provider = etcdProvider([etcd.url]);
		using web = watching(provider, "etcd:///web/");
		using api = watching(provider, "etcd:///api/");
		await web.is(/^!cannot read the keys that begin with "web\/" at .*permission denied; the user's role needs/);
		await api.is("10.0.1.1:80");
		etcd.put("api/a", "10.0.1.2:80");
		await api.is("10.0.1.2:80");
		etcd.react = () => undefined;
		await web.is("10.0.0.1:80");
		await waitUntil("both are watched", () => etcd.watches === 2);
		etcd.put("web/a", "10.0.0.2:80");
		await web.is("10.0.0.2:80");
		expect(api.told.all.filter((text) => text.startsWith("!"))).toEqual([]);
	});

	it("notices a right that was revoked while it watches, and ends that watch", async () => {
		using web = watching(etcdProvider([etcd.url], {}, { check: 30 }), "etcd:///web/");
		await web.is("10.0.0.1:80");
		etcd.react = (call) => (call.startsWith("watch") ? undefined : DENIED);
		await web.is(/permission denied/);
		await waitUntil("the watch is ended", () => etcd.watches === 0);
		etcd.react = () => undefined;
		await web.is("10.0.0.1:80");
	});

	it("lists again when events were lost", async () => {
		using web = watching(etcdProvider([etcd.url], {}, { check: 30 }), "etcd:///web/");
		await web.is("10.0.0.1:80");
		await waitUntil("it watches", () => etcd.watches === 1);
		etcd.replace("web/b", "10.0.0.2:80");
		await web.is("10.0.0.1:80 10.0.0.2:80");
	});

	it("takes a revision as a whole, though it comes in fragments", async () => {
		using web = watching(etcdProvider([etcd.url]), "etcd:///web/");
		await web.is("10.0.0.1:80");
		await waitUntil("it watches", () => etcd.watches === 1);
		const put = (key: string, value: string) => ({
			type: "PUT" as const,
			kv: { key: Buffer.from(key), value: Buffer.from(value), modRevision: etcd.revision + 1 },
		});
		etcd.send({ fragment: true, events: [put("web/a", "10.0.0.8:80")] });
		etcd.send({ fragment: false, events: [put("web/b", "10.0.0.9:80")] });
		await web.is("10.0.0.8:80 10.0.0.9:80");
		expect(web.told.all).not.toContain("10.0.0.8:80");
	});

	it("moves to the next server, and tells a failure only when all have failed", async () => {
		await using other = await FakeEtcd.start();
		other.put("web/a", "10.0.0.1:80");
		etcd.react = () => NO_LEADER;
		using web = watching(etcdProvider(["http://127.0.0.1:1", etcd.url, other.url]), "etcd:///web/");
		await web.is("10.0.0.1:80");
		expect(web.told.all).toEqual(["10.0.0.1:80"]);
		other.react = () => NO_LEADER;
		other.endStreams(status.UNAVAILABLE, "gone");
		await web.is(/^!none of 3 servers: /);
		other.react = () => undefined;
		await web.is("10.0.0.1:80");
	});

	it("notices a connection that died silently", async () => {
		await using relay = await startRelay(Number(new URL(etcd.url).port));
		const timing = { check: 100, answer: 500 };
		using web = watching(etcdProvider([`http://127.0.0.1:${relay.port}`], {}, timing), "etcd:///web/");
		await web.is("10.0.0.1:80");
		relay.fallSilent();
		etcd.put("web/a", "10.0.0.2:80");
		// A new connection, through the relay too, which is silent for the old one only.
		await web.is("10.0.0.2:80");
	});

	it("gives up a server that answers, but begins no watch", async () => {
		etcd.react = (call) => (call.startsWith("watch") ? { silent: true } : undefined);
		using web = watching(etcdProvider([etcd.url], {}, { check: 50, answer: 200, steady: 60_000 }), "etcd:///web/");
		await web.is(/did not begin a watch within 200 ms/);
	});

	it("frees everything with the last watch", async () => {
		const provider = etcdProvider([etcd.url]);
		{
			using web = watching(provider, "etcd:///web/");
			using again = watching(provider, "etcd:///web/");
			await web.is("10.0.0.1:80");
			await again.is("10.0.0.1:80");
			await waitUntil("it watches", () => etcd.watches === 1);
		}
		await waitUntil("nothing is open", () => etcd.streams === 0 && etcd.watches === 0);
		using web = watching(provider, "etcd:///web/");
		await web.is("10.0.0.1:80");
	});
});

describe("the etcd provider with a user", () => {
	const user = { username: "fingerpost", password: "secret" };

	it("brings a token, and gets another one when that is worth nothing any more", async () => {
		const worthless = new Set<string | undefined>([undefined]);
		const invalid = { code: status.UNAUTHENTICATED, details: "etcdserver: invalid auth token" };
		etcd.react = (call, token) => {
			if (call.startsWith("authenticate") || !worthless.has(token)) return undefined;
			return call.startsWith("watch") ? { denied: invalid.details } : invalid;
		};
		etcd.put("api/a", "10.0.1.1:80");
		const provider = etcdProvider([etcd.url], user);
		using web = watching(provider, "etcd:///web/");
		await web.is("10.0.0.1:80");
		await waitUntil("it watches", () => etcd.watches === 1);
		worthless.add("t1");
		using api = watching(provider, "etcd:///api/");
		await api.is("10.0.1.1:80");
		// The first goes on from where it was, without a list.
		await waitUntil("both are watched", () => etcd.watches === 2);
		etcd.put("web/a", "10.0.0.2:80");
		await web.is("10.0.0.2:80");
		expect([etcd.count(/^authenticate fingerpost$/), etcd.count(/^range web/)]).toEqual([
			expect.toSatisfy((count: number) => count <= 3),
			1,
		]);
		for (const { told } of [web, api]) expect(told.all.filter((text) => text.startsWith("!"))).toEqual([]);
	});

	it("gives up a server that takes no token", async () => {
		etcd.react = (call) => (call.startsWith("watch") ? { denied: "etcdserver: invalid auth token" } : undefined);
		using web = watching(etcdProvider([etcd.url], user, { steady: 60_000 }), "etcd:///web/");
		await web.is(/invalid auth token/);
		etcd.react = () => undefined;
		await web.is("10.0.0.1:80");
		await waitUntil("it watches", () => etcd.watches === 1);
	});

	it("needs no token where etcd has no authentication", async () => {
		const off = { code: status.FAILED_PRECONDITION, details: "etcdserver: authentication is not enabled" };
		etcd.react = (call) => (call.startsWith("authenticate") ? off : undefined);
		using web = watching(etcdProvider([etcd.url], user), "etcd:///web/");
		await web.is("10.0.0.1:80");
	});

	it("says what a file of a password or certificate lacks", async () => {
		const withFile = etcdProvider([etcd.url], { username: "fingerpost", passwordFile: "/nowhere/password" });
		using web = watching(withFile, "etcd:///web/");
		await web.is("!/nowhere/password does not exist");
		const secure = etcdProvider([etcd.url.replace("http", "https")], { ca: "/nowhere/ca.crt" });
		await expect(
			secure.discover(parseTarget("etcd:///web/"), { signal: new AbortController().signal }),
		).rejects.toThrow("/nowhere/ca.crt does not exist");
	});
});
