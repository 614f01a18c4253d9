import { expect, it } from "vitest";
import { parseTarget } from "../../../src/model/target.js";
import { effectiveTls, sameTls, tlsProblem, type UpstreamTls } from "../../../src/model/traffic/upstream-tls.js";

function service(targets: readonly string[], tls?: UpstreamTls) {
	return { targets: targets.map((text) => ({ target: parseTarget(text) })), tls };
}

const SYSTEM = { ca: "system", sni: undefined, ownNames: false, verifiesOwnName: false, clientCertificate: undefined };

it.each([
	["https://web.internal", { ...SYSTEM, sni: "web.internal", subjectAltNames: ["web.internal"] }],
	["https://web.internal:8443/", { ...SYSTEM, sni: "web.internal", subjectAltNames: ["web.internal"] }],
	["https://10.0.0.7", { ...SYSTEM, subjectAltNames: ["10.0.0.7"] }],
	["https://[::1]:8443", { ...SYSTEM, subjectAltNames: ["::1"] }],
	["http://web.internal", undefined],
	["127.0.0.1:80", undefined],
])("%s alone says what is verified", (target, effective) => {
	expect(effectiveTls(service([target]))).toEqual(effective);
});

it("has endpoints of several hosts show their own names, unless others are given", () => {
	const hosts = ["https://a.test", "https://b.test:8443"];
	const names = { ...SYSTEM, ownNames: true, subjectAltNames: ["a.test", "b.test"] };
	expect(effectiveTls(service(hosts))).toEqual({ ...names, verifiesOwnName: true });
	expect(effectiveTls(service([...hosts, "https://10.0.0.7"]))?.verifiesOwnName).toBe(false);
	const given = { ca: "system", subjectAltNames: ["c.test"] };
	expect(effectiveTls(service(hosts, given))).toEqual({ ...names, subjectAltNames: ["c.test"] });
	expect(effectiveTls(service(hosts, { ca: "system", sni: "c.test" }))).toEqual({
		...SYSTEM,
		sni: "c.test",
		subjectAltNames: ["c.test"],
	});
});

it("tells two apart by what clients do, not by how it is written", () => {
	const written = service(["https://a.test"], { ca: "system", sni: "a.test", subjectAltNames: ["a.test"] });
	expect(sameTls(service(["https://a.test"]), written)).toBe(true);
	expect(sameTls(service(["https://a.test"]), service(["https://b.test"]))).toBe(false);
	expect(sameTls(service(["a.test:443"]), service(["https://a.test"]))).toBe(false);
});

it.each([
	[service(["https://a.test", "https://b.test"]), undefined],
	[service(["a.test:443"], { ca: "system", sni: "a.test" }), undefined],
	[service(["https://a.test", "b.test:443"], { ca: "system" }), undefined],
	[service(["http://a.test", "b.test:80"]), undefined],
	[service(["a.test:443"], { ca: "system" }), /^tls needs a name/],
	[service([], { ca: "system" }), /^tls needs a name/],
	[service(["https://a.test", "b.test:443"]), /https:\/\/a.test is by TLS, and b.test:443 does not say so/],
	[service(["https://a.test", "http://b.test"]), /http:\/\/b.test is in clear, and https:\/\/a.test is not/],
	[service(["http://a.test"], { ca: "system", sni: "a.test" }), /http:\/\/a.test is in clear, and tls is not/],
])("what cannot be is said: case %#", (written, problem) => {
	if (problem) expect(tlsProblem(written)).toMatch(problem);
	else expect(tlsProblem(written)).toBeUndefined();
});
