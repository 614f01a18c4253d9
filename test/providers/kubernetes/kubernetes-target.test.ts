import { describe, expect, it } from "vitest";
import { parseTarget } from "../../../src/model/target.js";
import { kubernetesKind } from "../../../src/providers/kubernetes/kubernetes-kind.js";
import { readKubernetesTarget } from "../../../src/providers/kubernetes/kubernetes-target.js";
import { parseLabelSelector } from "../../../src/providers/kubernetes/label-selector.js";
import { Registry } from "../../../src/providers/registry.js";

const read = (text: string) => readKubernetesTarget(parseTarget(text));

describe("a target", () => {
	it.each([
		["k8s:///shop/web", { namespace: "shop", service: "web", port: undefined, selects: undefined }],
		["kubernetes:///shop/web:http", { namespace: "shop", service: "web", port: "http" }],
		["k8s-eu:///shop/web:8080", { namespace: "shop", service: "web", port: "8080" }],
		["k8s:///shop/web:80?labelSelector=a=b", { port: "80", selects: expect.any(Function) }],
	])("%s", (text, expected) => {
		expect(read(text)).toMatchObject({ text, ...expected });
	});

	it.each([
		[
			"k8s://shop/web",
			"expected k8s:///namespace/service or k8s:///namespace/service:port, with three slashes; which cluster",
		],
		["k8s-eu:///web", "expected k8s-eu:///namespace/service or"],
		["k8s:///", "expected k8s:///namespace/service or"],
		["k8s:///shop/web/extra", "expected k8s:///namespace/service or"],
		["k8s:///shop/web:80:90", "expected k8s:///namespace/service or"],
		["k8s:///Shop/web", '"Shop" is not a name of a namespace'],
		["k8s:///shop/", '"" is not a name of a service'],
		["k8s:///shop/..", '".." is not a name of a service'],
		["k8s:///shop/a%2Fb", "expected k8s:///namespace/service or"],
		["k8s:///shop/web:", '"" is not a port'],
		[
			"k8s:///shop/web:0",
			"0 is not a port; expected the Service port's name, or the pods' port number from 1 to 65535",
		],
		["k8s:///shop/web:65536", "65536 is not a port"],
		["k8s:///shop/web:HTTP", '"HTTP" is not a port'],
		["k8s:///shop/web?labelselector=a", 'unknown option "labelselector"; did you mean "labelSelector"?'],
		["k8s:///shop/web?x=1", 'unknown option "x"; the only one is labelSelector'],
		["k8s:///shop/web?labelSelector=a&labelSelector=b", "labelSelector is given twice"],
		["k8s:///shop/web?labelSelector=", "a labelSelector needs at least one requirement"],
		["k8s:///shop/web?labelSelector=a>b", '"a>b" is not a requirement of a labelSelector'],
	])("%s is none", (text, problem) => {
		const said = read(text);
		expect(typeof said === "string" ? said : JSON.stringify(said)).toContain(problem);
	});

	it("is checked by the kind, for each of its schemes and without any I/O", () => {
		const registry = new Registry();
		expect(kubernetesKind.schemes).toEqual(["kubernetes", "k8s"]);
		for (const scheme of kubernetesKind.schemes) {
			expect(registry.parse(`${scheme}:///shop/web:http`).path).toBe("/shop/web:http");
			expect(() => registry.parse(`${scheme}:///shop`)).toThrow(`expected ${scheme}:///namespace/service`);
			expect(kubernetesKind.check(parseTarget(`${scheme}:///shop`))).toContain("expected");
			expect(kubernetesKind.check(parseTarget(`${scheme}:///shop/web`))).toBeUndefined();
		}
	});
});

describe("a label selector", () => {
	const labels = { track: "stable", "app.kubernetes.io/name": "web", empty: "", toString: "x" };

	it.each([
		["track=stable", true],
		["track==stable", true],
		["track = stable", true],
		["track=canary", false],
		["track!=canary", true],
		["track!=stable", false],
		["none!=x", true],
		["none=x", false],
		["track", true],
		["none", false],
		["!none", true],
		["! none", true],
		["!track", false],
		["track in (canary, stable)", true],
		["track in (canary)", false],
		["track notin (canary)", true],
		["track notin (stable,x)", false],
		["none notin (x)", true],
		["none in (x)", false],
		["empty=", true],
		["track=", false],
		["app.kubernetes.io/name=web,track", true],
		["app.kubernetes.io/name=web,track in (a,b),empty", false],
		["track in (a,stable),!none", true],
		["constructor", false],
		["toString=x", true],
	])("%s: %s", (text, expected) => {
		const selects = parseLabelSelector(text);
		expect(typeof selects === "function" ? selects(labels) : selects).toBe(expected);
	});

	it.each([
		"",
		" ",
		",",
		"a,",
		"a=b=c",
		"a in b",
		"a in (b",
		"a in ((b))",
		"-a",
		"a=-b",
		"a b",
		"a>1",
		"!a=b",
		"/a",
		"a in (b c)",
	])("%j is none", (text) => {
		expect(parseLabelSelector(text)).toMatchObject({ problem: expect.stringContaining("labelSelector") });
	});
});
