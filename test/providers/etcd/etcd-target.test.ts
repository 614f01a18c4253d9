import { describe, expect, it } from "vitest";
import { parseTarget } from "../../../src/model/target.js";
import { endOfPrefix } from "../../../src/providers/etcd/client/etcd-calls.js";
import { parseEtcdServer } from "../../../src/providers/etcd/client/etcd-server.js";
import { etcdOptions } from "../../../src/providers/etcd/etcd-options.js";
import { readEtcdTarget } from "../../../src/providers/etcd/etcd-target.js";

describe("a target of etcd", () => {
	it.each([
		["etcd:///services/web/", "services/web/"],
		["etcd:////services/web/", "/services/web/"],
		["etcd:///web", "web"],
		["etcd:///a%20b/", "a b/"],
		["etcd:///%3F/", "?/"],
	])("%s names the keys that begin with %s", (text, prefix) => {
		expect(readEtcdTarget(parseTarget(text))).toEqual({ prefix });
	});

	it.each([
		["etcd://127.0.0.1:2379/web/", /three slashes; which servers are asked stands in the provider's settings/],
		["etcd://web", /three slashes/],
		["etcd:///", /^the prefix of the keys is missing: etcd:\/\/\/PREFIX\//],
		["etcd:///services/*", /^a prefix has no \*/],
		["etcd:///web/?a=b", /^a prefix has no options/],
		[`etcd:///${"a".repeat(5_000)}/`, /longer than 4096 bytes/],
	])("%s is refused with the reason", (text, reason) => {
		expect(readEtcdTarget(parseTarget(text))).toMatch(reason);
	});
});

it("the end of a prefix is the first text after all that begin so", () => {
	const end = (...bytes: number[]) => [...endOfPrefix(Buffer.from(bytes))];
	expect(end(97, 47)).toEqual([97, 48]);
	expect(end(97, 255)).toEqual([98]);
	expect(end(255, 255)).toEqual([0]);
});

it.each([
	["http://127.0.0.1:2379", { address: "127.0.0.1:2379", secure: false }],
	["https://etcd.internal", { address: "etcd.internal:2379", secure: true }],
	["http://[::1]:1", { address: "[::1]:1", secure: false }],
	["http://[::1]/", { address: "[::1]:2379", secure: false }],
])("%s is a server", (url, expected) => {
	expect(parseEtcdServer(url)).toEqual({ url, ...expected });
});

it.each([
	"127.0.0.1:2379",
	"etcd:2379",
	"http://a:0",
	"http://a:b",
	"http://a/b",
	"ftp://a",
	"http://u:p@a",
	"http://",
	"http://::1",
])("%s is no server", (url) => {
	expect(parseEtcdServer(url)).toBeUndefined();
});

describe("the settings of etcd", () => {
	it("have the server of this machine unless told otherwise", () => {
		expect(etcdOptions.parse({})).toEqual({
			endpoints: [{ url: "http://127.0.0.1:2379", address: "127.0.0.1:2379", secure: false }],
		});
	});

	const tls = ["https://a"];
	it.each([
		[{ endpoints: [] }, "expected at least one server such as http://127.0.0.1:2379"],
		[{ endpoints: ["a:1"] }, /^expected a server's URL such as http.*not "a:1"/],
		[{ endpoints: "http://a" }, /^expected a list of servers/],
		[{ username: "u" }, "a user has a password: set password or passwordFile"],
		[{ username: "u", password: "p", passwordFile: "/p" }, "give either password or passwordFile, not both"],
		[{ password: "p" }, "password goes with username, which is not given"],
		[{ passwordFile: "/p" }, "passwordFile goes with username, which is not given"],
		[{ ca: "/ca" }, "ca is for TLS, and no server in endpoints begins with https://"],
		[{ endpoints: tls, cert: "/c" }, "a certificate goes with its key: set key"],
		[{ endpoints: tls, key: "/k" }, "a key goes with its certificate: set cert"],
		[{ endpoints: tls, ca: "ca.crt" }, 'expected an absolute path or one that begins with ~/, not "ca.crt"'],
		[{ user: "u" }, /^unknown key "user"/],
	])("%j are refused with the reason", (given, message) => {
		const messages = etcdOptions.safeParse(given).error?.issues.map((issue) => issue.message);
		expect(messages).toEqual([typeof message === "string" ? message : expect.stringMatching(message)]);
	});

	it("may have all that belongs together", () => {
		const given = { endpoints: tls, username: "u", passwordFile: "/p", ca: "/ca", cert: "/c", key: "/k" };
		expect(etcdOptions.safeParse(given).success).toBe(true);
	});
});
