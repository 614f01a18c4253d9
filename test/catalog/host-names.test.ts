import { beforeEach, describe, expect, it } from "vitest";
import { endpoint } from "../../src/model/endpoint.js";
import { A, type CatalogLab, useCatalogLab } from "./catalog-lab.js";
import { at, service } from "./fake-provider.js";

let lab: CatalogLab;
useCatalogLab((created) => {
	lab = created;
});
beforeEach(() => {
	lab.provider.registry.register("dns", lab.provider);
});

const WEB = "dns:///web.internal:80";
const DB = "dns:///db.internal:80";

function named(host: string, parts: Parameters<typeof at>[1] = {}) {
	return endpoint({ address: host, port: 80, health: "healthy", ...parts });
}

describe("a host name in a list of endpoints", () => {
	it("is resolved by DNS and gives each address what was said of it; the name is the hostname", () => {
		const locality = { region: "eu", zone: "a", subZone: "" };
		const written = named("web.internal", { weight: 50, health: "draining", locality, metadata: { v: "2" } });
		lab.apply(service("web", [], { endpoints: [written] }));
		expect(lab.seen()).toBe("unknown");
		lab.provider.answer(WEB, 1, at(2, { weight: 7, hostname: "else" }));
		expect(lab.seen()).toBe("synced 1 2");
		expect(lab.catalog.get("web")?.endpoints).toMatchObject([
			{ address: "10.0.0.1", weight: 50, health: "draining", locality, metadata: { v: "2" }, hostname: "web.internal" },
			{ address: "10.0.0.2", weight: 50, health: "draining", locality, metadata: { v: "2" }, hostname: "web.internal" },
		]);
	});

	it("leaves a service unknown while nothing is known of any, though DNS fails", () => {
		lab.apply(service("web", [], { endpoints: [named("web.internal")] }));
		lab.provider.fail(WEB, "SERVFAIL");
		expect(lab.seen()).toBe("unknown");
		expect(lab.catalog.get("web")?.known).toBe(false);
	});

	it("keeps a hostname that is written beside it", () => {
		lab.apply(service("web", [], { endpoints: [named("web.internal", { hostname: "shop" })] }));
		lab.provider.answer(WEB, 1);
		expect(lab.seen()).toBe("synced 1");
		expect(lab.catalog.get("web")?.endpoints[0]?.hostname).toBe("shop");
	});

	it("gives each address the origin of the list, and the record that DNS had it from", () => {
		const said = { target: A, object: "file", revision: "7" };
		lab.apply(service("web", [A]));
		lab.provider.answer(
			A,
			named("web.internal", { origin: said }),
			named("db.internal", { origin: said }),
			named("none.internal"),
		);
		expect(lab.seen()).toBe("unknown");
		lab.provider.answer(WEB, at(1, { origin: { target: WEB, object: "web.internal A", revision: "1" } }));
		lab.provider.answer(DB, 2);
		lab.provider.answer("dns:///none.internal:80", at(3, { origin: { target: "dns", object: "none.internal A" } }));
		expect(lab.seen()).toBe("synced 1 2 3");
		expect(lab.catalog.get("web")?.endpoints.map(({ origin }) => origin)).toEqual([
			{ target: A, object: "web.internal A", revision: "1" },
			said,
			undefined,
		]);
	});

	it("is followed, keeps its last addresses while DNS fails, and is empty when DNS says so", () => {
		lab.apply(service("web", [], { endpoints: [at(9), named("web.internal")] }));
		expect(lab.seen()).toBe("unknown");
		lab.provider.answer(WEB, 1);
		expect(lab.seen()).toBe("synced 1 9");
		lab.provider.answer(WEB, 2, 3);
		expect(lab.seen()).toBe("synced 2 3 9");
		lab.provider.fail(WEB, "SERVFAIL");
		expect(lab.seen()).toBe("stale 2 3 9");
		expect(lab.catalog.get("web")?.targets.map(({ target, state }) => `${target} ${state}`)).toEqual([
			"inline synced",
			`${WEB} stale`,
		]);
		lab.provider.answer(WEB);
		expect(lab.seen()).toBe("synced 9");
	});

	it("from a target is followed too, and is watched no longer than the target names it", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, named("web.internal"), named("db.internal"));
		expect(lab.seen()).toBe("unknown");
		lab.provider.answer(WEB, 1);
		lab.provider.answer(DB, 2);
		expect(lab.seen()).toBe("synced 1 2");
		lab.provider.answer(A, named("db.internal"));
		expect(lab.seen()).toBe("synced 2");
		expect([lab.provider.running(WEB), lab.provider.running(DB), lab.provider.started(DB)]).toEqual([0, 1, 1]);
	});

	it("that takes another's place does so when it has an answer", () => {
		lab.apply(service("web", [], { endpoints: [at(9), named("web.internal")] }));
		lab.provider.answer(WEB, 1);
		expect(lab.seen()).toBe("synced 1 9");
		lab.apply(service("web", [], { endpoints: [at(9), named("db.internal")] }));
		expect(lab.seen()).toBe("stale 1 9");
		lab.provider.answer(DB, 2);
		expect(lab.seen()).toBe("synced 2 9");
	});

	it("that takes another's place in a target does so when it has an answer", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 9, named("web.internal"));
		expect(lab.seen()).toBe("unknown");
		lab.provider.answer(WEB, 1);
		expect(lab.seen()).toBe("synced 1 9");
		lab.provider.answer(A, 8, named("db.internal"));
		expect(lab.seen()).toBe("stale 1 8 9");
		lab.provider.fail(DB);
		expect(lab.seen()).toBe("stale 1 8 9");
		lab.provider.answer(A, named("db.internal"));
		expect(lab.seen()).toBe("stale 1 9");
		lab.provider.answer(DB, 2);
		expect(lab.seen()).toBe("synced 2");
		lab.provider.answer(A, named("web.internal"));
		expect(lab.seen()).toBe("stale 2");
	});

	it("makes a service unknown that has other addresses, until it has an answer", () => {
		lab.apply(service("web", [], { endpoints: [at(9), named("web.internal")] }));
		expect(lab.seen()).toBe("unknown");
		lab.provider.answer(WEB, 1);
		expect(lab.seen()).toBe("synced 1 9");
	});

	it("stands for one look-up however often it is written, and an address that two names share counts once", () => {
		lab.apply(
			service("web", [], {
				endpoints: [named("web.internal"), named("web.internal", { priority: 1 }), named("db.internal")],
			}),
		);
		lab.provider.answer(WEB, 1);
		lab.provider.answer(DB, 1, 2);
		expect(lab.seen()).toBe("synced 1 2");
		expect(lab.provider.started(WEB)).toBe(1);
		expect(lab.catalog.get("web")?.notes).toEqual([
			"duplicate endpoint 10.0.0.1:80 in inline left out",
			"duplicate endpoint 10.0.0.1:80 in inline left out",
		]);
	});

	it("is watched anew by another DNS provider, and keeps its addresses until that has answered", () => {
		lab.apply(service("web", [], { endpoints: [named("web.internal")] }));
		lab.provider.answer(WEB, 1);
		lab.catalog.rewatch(new Set(["dns"]));
		expect([lab.provider.started(WEB), lab.provider.running(WEB)]).toEqual([2, 1]);
		expect(lab.seen()).toBe("synced 1");
		lab.provider.answer(WEB, 2);
		expect(lab.seen()).toBe("synced 2");
	});
});

describe("targets whose provider is another one now", () => {
	it("are watched anew, only those, and keep what is known until it has answered", () => {
		const B = "dns:///b.internal:80";
		lab.apply(service("web", [A, B]));
		lab.provider.answer(A, 1);
		lab.provider.answer(B, 2);
		lab.catalog.rewatch(new Set(["dns"]));
		expect([lab.provider.started(A), lab.provider.started(B), lab.provider.running(B)]).toEqual([1, 2, 1]);
		expect(lab.seen()).toBe("synced 1 2");
		lab.provider.watches.get(B)?.[0]?.observer.endpoints([]);
		expect(lab.seen()).toBe("synced 1 2");
		lab.provider.answer(B, 3);
		expect(lab.seen()).toBe("synced 1 3");
	});
});
