import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Provider } from "../../src/providers/provider.js";
import type { ProviderKind } from "../../src/providers/provider-kind.js";
import { ProviderSet } from "../../src/providers/provider-set.js";
import type { ProviderSettings } from "../../src/providers/provider-settings.js";
import { Registry } from "../../src/providers/registry.js";
import { FakeProvider } from "../catalog/fake-provider.js";

const OPTIONS = z.object({});

/** A kind that counts what it made. */
class FakeKind implements ProviderKind {
	readonly options = OPTIONS;
	readonly example = "kube:///web";
	readonly made: Provider[] = [];
	/** What it says of every target. */
	problem: string | undefined;
	readonly type: string;
	readonly schemes: readonly string[];

	constructor(type: string, ...schemes: readonly string[]) {
		this.type = type;
		this.schemes = schemes;
	}

	check(): string | undefined {
		return this.problem;
	}

	create(): Provider {
		const provider = new FakeProvider();
		this.made.push(provider);
		return provider;
	}
}

let kind: FakeKind;
let other: FakeKind;
let registry: Registry;
let before: Provider;
let providers: ProviderSet;

beforeEach(() => {
	kind = new FakeKind("kube", "kube", "k8s");
	other = new FakeKind("dns", "dns");
	before = new FakeProvider();
	registry = new Registry().register("kube", before).register("k8s", before);
	providers = new ProviderSet(registry);
});

function apply(settings: Readonly<Record<string, Partial<ProviderSettings>>>): string[] {
	const complete = Object.entries(settings).map(([name, each]) => [name, { kind, options: {}, ...each }] as const);
	return [...providers.apply(new Map(complete))].sort();
}

describe("providers with settings", () => {
	it("serve all schemes of their kind, in place of whoever did", () => {
		expect(apply({ kube: {} })).toEqual(["k8s", "kube"]);
		expect([registry.find("kube"), registry.find("k8s")]).toEqual([kind.made[0], kind.made[0]]);
		expect(kind.made).toHaveLength(1);
	});

	it("serve their own name where it is not the kind's", () => {
		expect(apply({ eu: {} })).toEqual(["eu"]);
		expect([registry.find("eu"), registry.find("kube")]).toEqual([kind.made[0], before]);
	});

	it("go on as they are while their settings stay the same", () => {
		apply({ kube: { options: { context: "a" } }, eu: { options: { context: "b" } } });
		expect(apply({ kube: { options: { context: "a" } }, eu: { options: { context: "c" } } })).toEqual(["eu"]);
		expect(kind.made).toHaveLength(3);
		expect([registry.find("kube"), registry.find("eu")]).toEqual([kind.made[0], kind.made[2]]);
	});

	it("are made anew by another kind", () => {
		apply({ eu: {} });
		expect(apply({ eu: { kind: other } })).toEqual(["eu"]);
		expect(registry.find("eu")).toBe(other.made[0]);
	});

	it("give the schemes back when they go, and tell it once", () => {
		apply({ kube: { options: { context: "a" } }, eu: {} });
		// What was replaced first comes back, not what was replaced last.
		apply({ kube: { options: { context: "b" } }, eu: {} });
		expect(apply({})).toEqual(["eu", "k8s", "kube"]);
		expect([registry.find("kube"), registry.find("k8s"), registry.find("eu")]).toEqual([before, before, undefined]);
		expect(apply({})).toEqual([]);
	});

	it("check their targets as their kind does", () => {
		apply({ eu: {} });
		expect(registry.parse("eu:///a").scheme).toBe("eu");
		kind.problem = "not like that";
		expect(() => registry.parse("eu:///a")).toThrow('"eu:///a": not like that');
	});

	it("come back as new ones", () => {
		apply({ kube: {} });
		apply({});
		expect(apply({ kube: {} })).toEqual(["k8s", "kube"]);
		expect(registry.find("kube")).toBe(kind.made[1]);
	});
});
