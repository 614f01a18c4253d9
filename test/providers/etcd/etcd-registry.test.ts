import { beforeEach, describe, expect, it } from "vitest";
import { FakeEtcd } from "../../../lab/fake-etcd.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { etcdKind } from "../../../src/providers/etcd/etcd-kind.js";
import type { EtcdProvider } from "../../../src/providers/etcd/etcd-provider.js";
import { RegistryTold } from "../registry-told.js";
import { etcdProvider, watching } from "./etcd-lab.js";

let etcd: FakeEtcd;
let provider: EtcdProvider;

beforeEach(async () => {
	etcd = await FakeEtcd.start();
	provider = etcdProvider([etcd.url]);
	return () => etcd[Symbol.asyncDispose]();
});

it("reads what stands for all services below a prefix", () => {
	const problem = (text: string) => etcdKind.checkAll?.(parseTarget(text));
	for (const text of ["etcd:///services/*", "etcd:////services/*", "etcd:///a/b/*"])
		expect(problem(text)).toBeUndefined();
	for (const text of ["etcd:///services/", "etcd:///*", "etcd:///a*/*", "etcd:///a/*/b"])
		expect(problem(text)).toBe("expected etcd:///PREFIX/*");
	expect(etcdKind.check(parseTarget("etcd:///services/*"))).toContain("a prefix has no *");
});

describe("all services below a prefix", () => {
	it("are told, and their targets are served by the same watch", async () => {
		etcd.put("services/web/1", "10.0.0.1:80");
		etcd.put("services/web/2", "10.0.0.2:80");
		etcd.put("services/cart/a/b", "10.0.1.1:80");
		etcd.put("services/loose", "10.0.2.1:80");
		using all = new RegistryTold(provider, "etcd:///services/*");
		await all.until("etcd:///services/cart/", "etcd:///services/web/");
		expect(all.notes).toEqual(["keys that are not services/SERVICE/…, and so left out: services/loose"]);
		using web = watching(provider, "etcd:///services/web/");
		await web.is(/10\.0\.0\.1:80.*10\.0\.0\.2:80/);
		await waitUntil("it is watched", () => etcd.watches > 0);
		expect(etcd.watches).toBe(1);
		const before = all.lists.at(-1);
		etcd.put("services/web/2", "10.0.0.3:80");
		await web.is(/10\.0\.0\.1:80.*10\.0\.0\.3:80/);
		// The very same list: whoever compares finds at once that no service is new.
		expect(all.lists.at(-1)).toBe(before);
		etcd.delete("services/loose");
		etcd.put("services/new/1", "10.0.3.1:80");
		await all.until("etcd:///services/cart/", "etcd:///services/new/", "etcd:///services/web/");
		expect(all.notes).toEqual([]);
	});

	it("go when their last key goes, and that is told before their target is empty", async () => {
		etcd.put("services/web/1", "10.0.0.1:80");
		using all = new RegistryTold(provider, "etcd:///services/*");
		await all.until("etcd:///services/web/");
		const order: string[] = [];
		const { signal } = new AbortController();
		const told = { endpoints: (list: readonly unknown[]) => order.push(`${list.length} endpoints`), failed: () => {} };
		provider.watch(parseTarget("etcd:///services/web/"), told, { signal });
		const services = all.services.bind(all);
		all.services = (list, details) => {
			order.push(`${list.length} services`);
			services(list, details);
		};
		etcd.delete("services/web/1");
		await waitUntil("it is empty", () => order.at(-1) === "0 endpoints");
		expect(order).toEqual(["1 endpoints", "0 services", "0 endpoints"]);
	});

	it("that others want go on by watches of their own when the registry ends", async () => {
		etcd.put("services/web/1", "10.0.0.1:80");
		const all = new RegistryTold(provider, "etcd:///services/*");
		await all.until("etcd:///services/web/");
		using web = watching(provider, "etcd:///services/web/");
		await web.is(/10\.0\.0\.1:80/);
		all[Symbol.dispose]();
		etcd.put("services/web/1", "10.0.0.2:80");
		await web.is(/10\.0\.0\.2:80/);
		expect(all.lists).toHaveLength(1);
		web[Symbol.dispose]();
		await waitUntil("nothing is open", () => etcd.streams === 0);
	});

	it("are none where there is no key: that is an answer", async () => {
		using all = new RegistryTold(provider, "etcd:///services/*");
		await waitUntil("it is told", () => all.lists.length > 0);
		expect(all.lists[0]).toEqual([]);
	});
});
