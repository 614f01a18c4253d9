import { describe, expect, it } from "vitest";
import { environmentProxy } from "../../../src/providers/http-client/environment-proxy.js";

const PROXY = "http://proxy.corp:3128";

function through(url: string, variables: Readonly<Record<string, string>>): boolean {
	return environmentProxy(url, { HTTPS_PROXY: PROXY, ...variables }) === PROXY;
}

describe("the proxy of the environment", () => {
	it.each([
		["https://10.9.0.1:6443", { HTTPS_PROXY: PROXY }, PROXY],
		["https://10.9.0.1:6443", { https_proxy: PROXY }, PROXY],
		["https://10.9.0.1:6443", { HTTPS_PROXY: " ", https_proxy: PROXY }, PROXY],
		["https://10.9.0.1:6443", { HTTPS_PROXY: "" }, undefined],
		["https://10.9.0.1:6443", { HTTP_PROXY: PROXY, ALL_PROXY: PROXY }, undefined],
		["http://kube.corp", { HTTP_PROXY: PROXY }, PROXY],
		["http://kube.corp", { HTTPS_PROXY: PROXY }, undefined],
		["https://kube.corp", { HTTPS_PROXY: "proxy.corp:3128" }, PROXY],
		["https://kube.corp", { HTTPS_PROXY: "socks5://proxy.corp:1080" }, "socks5://proxy.corp:1080"],
		["https://localhost:6443", { HTTPS_PROXY: PROXY }, undefined],
		["https://127.3.2.1:6443", { HTTPS_PROXY: PROXY }, undefined],
		["https://[::1]:6443", { HTTPS_PROXY: PROXY }, undefined],
	])("for %s with %j is %s", (url, variables, proxy) => {
		expect(environmentProxy(url, variables)).toBe(proxy);
	});

	it.each([
		["https://kube.corp:6443", "*", false],
		["https://kube.corp:6443", "other.corp, KUBE.corp", false],
		["https://kube.corp:6443", "corp", false],
		["https://kube.corp:6443", ".corp", false],
		["https://kube.corp:6443", "*.corp", false],
		["https://corp:6443", ".corp", true],
		["https://mykube.corp:6443", "kube.corp", true],
		["https://kube.corp.:6443", "kube.corp", false],
		["https://kube.corp:6443", "kube.corp:6443", false],
		["https://kube.corp:6443", "kube.corp:443", true],
		["https://kube.corp", "kube.corp:443", false],
		["https://10.96.0.1", "10.0.0.0/8", false],
		["https://11.96.0.1", "10.0.0.0/8", true],
		["https://10.96.0.1", "10.96.0.1 10.96.0.2", false],
		["https://10.96.0.11", "10.96.0.1", true],
		["https://[fd00::1]:6443", "fd00::/8", false],
		["https://[fd00::1]:6443", "fd00:0::1", false],
		["https://[fd00::1]:6443", "[fd00::1]:6443", false],
		["https://[fd00::1]:6443", "[fd00::1]:443", true],
		["https://kube.corp:6443", "10.0.0.0/99,,/,:", true],
	])("for %s with NO_PROXY %s is used: %s", (url, list, used) => {
		expect(through(url, { NO_PROXY: list })).toBe(used);
		expect(through(url, { no_proxy: list })).toBe(used);
	});

	it("that is none is told without what it holds", () => {
		const variables = { HTTPS_PROXY: "ftp://user:s3cr3t@proxy" };
		expect(() => environmentProxy("https://kube.corp", variables)).toThrow(/^HTTPS_PROXY holds no URL of a proxy/);
		expect(() => environmentProxy("https://kube.corp", variables)).not.toThrow(/s3cr3t/);
	});
});
