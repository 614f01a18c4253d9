import { describe, expect, it } from "vitest";
import { readEtcdValue } from "../../../src/providers/etcd/etcd-value.js";

const read = (text: string) => readEtcdValue(Buffer.from(text));

describe("a value", () => {
	it.each([
		["10.0.0.1:80", { address: "10.0.0.1", port: 80, health: "healthy", weight: 100 }],
		[" 10.0.0.1:80\n", { address: "10.0.0.1", port: 80 }],
		["[fd00::1]:80", { address: "fd00::1", port: 80 }],
		["web.internal:80", { address: "web.internal", port: 80 }],
		['"10.0.0.1:80"', { address: "10.0.0.1", port: 80 }],
		['{"address":"10.0.0.1:80","weight":5,"health":"draining"}', { weight: 5, health: "draining" }],
		['{address: "10.0.0.1:80", priority: 1}', { port: 80, priority: 1 }],
		["address: 10.0.0.1:80\nmetadata: {version: v2}\n", { metadata: { version: "v2" } }],
		['{"Op":0,"Addr":"10.0.0.1:80","Metadata":null}', { address: "10.0.0.1", health: "healthy" }],
		['{"Addr":"10.0.0.1:80"}', { address: "10.0.0.1" }],
		['{"Op":0,"Addr":"[::1]:80","Metadata":{"a":"b","n":1,"t":true}}', { metadata: { a: "b", n: "1", t: "true" } }],
	])("%j is an endpoint", (text, expected) => {
		expect(read(text)).toEqual({ endpoint: expect.objectContaining(expected) });
	});

	it.each([
		["", "its value is empty"],
		["  \n", "its value is empty"],
		["nonsense", /^expected an address and port.*"nonsense"/],
		["10.0.0.1", /it has no port/],
		["10.0.0.1:0", /the port must be 1 to 65535/],
		["0.0.0.0:80", /every address of a machine/],
		["[]", /expected an endpoint such as/],
		['{"address":"10.0.0.1:80","wieght":5}', /unknown key "wieght".*did you mean.*weight/i],
		['{"address":"10.0.0.1:80","weight":-1}', /^weight: a weight is a whole number/],
		["{", /./],
		['{"Op":1,"Addr":"10.0.0.1:80"}', "its Op is 1, and only 0 (add) is an endpoint"],
		['{"Op":0}', 'its Addr is no text such as "10.0.0.1:8080"'],
		['{"Op":0,"Addr":"unix:///a"}', /expected an address and port/],
		["x".repeat(20_000), "its value has 20000 bytes, and 16384 are the most"],
	])("%j is none", (text, problem) => {
		expect(read(text)).toEqual({ problem: typeof problem === "string" ? problem : expect.stringMatching(problem) });
	});

	it("of gRPC's naming may have any metadata; what is no text is told", () => {
		expect(read('{"Op":0,"Addr":"10.0.0.1:80","Metadata":{"a":"b","deep":{"c":1},"list":[]}}')).toEqual({
			endpoint: expect.objectContaining({ metadata: { a: "b" } }),
			note: "left out of its metadata, being no texts: deep, list",
		});
		expect(read('{"Op":0,"Addr":"10.0.0.1:80","Metadata":"v1"}')).toMatchObject({
			note: "left out of its metadata, being no texts: Metadata",
		});
	});

	it("that is no UTF-8 is none", () => {
		expect(readEtcdValue(Buffer.from([0xff, 0xfe, 0, 1]))).toHaveProperty("problem");
	});
});
