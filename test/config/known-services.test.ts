// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of configs
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { KnownServices } from "../../src/config/known-services.js";
import { parseConfig, readConfigText } from "../../src/config/load.js";
import { InvalidConfig } from "../../src/input/invalid-config.js";
import { parseEndpointAddress } from "../../src/model/endpoint-address.js";
import type { Provider } from "../../src/providers/provider.js";
import { Registry } from "../../src/providers/registry.js";
import { randomRuns } from "../random-runs.js";

vi.mock("../../src/model/endpoint-address.js", { spy: true });

const RUNS = randomRuns(500);
const LIMIT_MS = 300_000 + RUNS.numRuns * 20;

const registry = new Registry();
const env = { PORT: "8080" };

const source = fc.constantFrom(
	" 127.0.0.1:8080\n",
	" file:///a.yaml # a comment\n",
	"\n    target: dns:///a.internal:80\n    connectTimeout: 2s\n",
	"\n    endpoints:\n      - 127.0.0.1:8080\n      # a comment\n\n      - 127.0.0.1:8081\n",
	"\n    endpoints:\n    - 127.0.0.1:8080\n    - {address: 127.0.0.1:8081,\n       weight: 5}\n",
	" 127.0.0.1:${PORT}\n",
	" {target: k8s:///shop/web:80,\n    protocol: grpc}\n",
	// In another column, written in other ways, or wrong.
	"\n   endpoints: []\n",
	"\n        endpoints: [127.0.0.1:80]\n",
	" &a 127.0.0.1:8080\n",
	" {<<: *x, connectTimeout: 1s}\n",
	" {target: k8s:///shop/web:80,\n  protocol: grpc}\n",
	" {target: k8s:///shop/web:80,\n# a comment\n   protocol: grpc}\n",
	" |\n    127.0.0.1:80\n",
	' "127.0.0.1:\n    80"\n',
	" {target: corp:///web:80}\n",
	" 127.0.0.1\n",
	"\n  - 127.0.0.1:80\n",
	"\n",
	"\n    endpoint: []\n",
	" 127.0.0.1:80\n---\n",
	"\t127.0.0.1:80\n",
	" 127.0.0.1:80\r\n",
);
const name = fc.oneof(
	{ weight: 4, arbitrary: fc.constantFrom("a", "b", "c", "d", "10", "9") },
	fc.constantFrom('"a"', "'b'", "a b", "__proto__", "a:80", "*a", "- a", "?"),
);
const indent = fc.oneof({ weight: 15, arbitrary: fc.constant("  ") }, fc.constantFrom("", " ", "   "));
const service = fc.tuple(indent, name, source).map(([spaces, key, text]) => `${spaces}${key}:${text}`);
const comment = fc.constantFrom("# a comment\n", "    # a comment\n", "\n", "   \n", "#\u0001\n");
const block = fc.oneof({ weight: 5, arbitrary: service }, comment);
const opening = fc.oneof(
	{ weight: 10, arbitrary: fc.constant("services:\n") },
	fc.constantFrom("services: # a comment\n", "services:#\n", "services: \n", "services: {}\n", '"services":\n', ""),
);
const other = fc.constantFrom(
	"removalGrace: 5s\n",
	"x-all: &x {protocol: grpc, endpoints: []}\n",
	"xds: {ttl: 5m}\n",
	"providers: {dns: {minInterval: 1s}}\n",
	"providers: {corp: {type: dns}}\n",
	"---\n",
	"# a comment\n",
	"wrong: [a,\n",
	"text: |\n",
);
const others = fc.array(other, { maxLength: 2 }).map((list) => list.join(""));

/** A config, and what becomes of it by changes in one or two places. */
const histories = fc.tuple(others, opening, fc.array(block, { maxLength: 6 }), others).chain((first) => {
	const change = fc.tuple(fc.nat(6), fc.nat(1), fc.array(block, { maxLength: 2 }), fc.option(others, { freq: 4 }));
	return fc.array(change, { minLength: 1, maxLength: 5 }).map((changes) => {
		let [head, key, blocks, tail] = first;
		const texts = [[head, key, ...blocks, tail].join("")];
		for (const [at, gone, added, end] of changes) {
			blocks = blocks.toSpliced(at, gone, ...added);
			tail = end ?? tail;
			texts.push([head, key, ...blocks, tail].join(""));
		}
		return texts;
	});
});

function outcome(text: string, knownServices?: KnownServices): unknown {
	try {
		const config = parseConfig(text, "f.yaml", { registry, env, ...(knownServices && { knownServices }) });
		return { ...config, order: [...config.services.keys()] };
	} catch (error) {
		if (error instanceof InvalidConfig) return error.problems;
		throw error;
	}
}

/** A config of so many services in blocks. */
function config(changed = "50", count = 100): string {
	const services = Array.from(
		{ length: count },
		(_, i) =>
			`  s${i}:\n    endpoints:\n      - {address: "10.0.${i >> 8}.${i & 255}:80", weight: ${i === 7 ? changed : 100}}\n`,
	);
	return `services:\n${services.join("")}`;
}

describe("a config that is read again", { timeout: LIMIT_MS }, () => {
	it("is what it would be if nothing of it were known", () => {
		let quick = 0;
		fc.assert(
			fc.property(histories, (texts) => {
				const known = new KnownServices();
				for (const text of texts) {
					const whole = outcome(text);
					if (!Array.isArray(whole)) quick++;
					expect(outcome(text, known), text).toEqual(whole);
				}
			}),
			RUNS,
		);
		// Else there would be nothing to compare.
		expect(quick).toBeGreaterThan(RUNS.numRuns / 10);
	});

	it("keeps the services that are written the same, and checks no others than the one that changed", () => {
		const knownServices = new KnownServices();
		const read = (text: string) => parseConfig(text, "f.yaml", { registry, knownServices }).services;
		const before = read(config("50"));
		const { mock } = vi.mocked(parseEndpointAddress);
		mock.calls.length = 0;
		const after = read(`# new\nremovalGrace: 1s\n${config("60")}`);
		expect([...after.keys()]).toEqual([...before.keys()]);
		for (const [key, definition] of after) expect(definition === before.get(key)).toBe(key !== "s7");
		expect(after.get("s7")?.endpoints?.[0]?.weight).toBe(60);
		expect(mock.calls).toEqual([["10.0.0.7:80"]]);
	});

	it("keeps them also where they stand in another order or form", () => {
		const knownServices = new KnownServices();
		const read = (text: string) => parseConfig(text, "f", { registry, knownServices }).services;
		const before = read("services: {a: 127.0.0.1:80, b: {protocol: grpc, endpoints: []}}");
		const after = read('{"services":{"b":{"endpoints":[],"protocol":"grpc"},"a":"127.0.0.1:80"}}');
		expect([...after.keys()]).toEqual(["b", "a"]);
		for (const [key, definition] of after) expect(definition).toBe(before.get(key));
	});

	it("is checked in steps that each hold the event loop for a little only", async () => {
		const knownServices = new KnownServices();
		const read = (text: string) => readConfigText(text, "f.yaml", { registry, knownServices });
		const everyOneElse = (weight: number) =>
			config(String(weight), 5_000).replaceAll("weight: 100", `weight: ${weight}`);
		let turns = 0;
		const counting = setInterval(() => turns++);
		const before = await read(everyOneElse(1));
		const after = await read(everyOneElse(2));
		clearInterval(counting);
		expect(after.services.get("s4999")?.endpoints?.[0]?.weight).toBe(2);
		expect(before.services.get("s4999")?.endpoints?.[0]?.weight).toBe(1);
		expect(turns).toBeGreaterThan(4);
	});

	it("is told all that is wrong with it, whatever is kept and whatever the step that found it", async () => {
		const knownServices = new KnownServices();
		const read = (text: string) => readConfigText(text, "f.yaml", { registry, knownServices });
		await read(config("50", 1_000));
		const wrong = config("50", 1_000).replaceAll(/(s\d*3:\n.*\n.*):80/g, "$1:0");
		const { problems } = (await read(wrong).catch((error) => error)) as InvalidConfig;
		expect(problems.map(({ line, path }) => [line, path])).toEqual(
			Array.from({ length: 100 }, (_, i) => [(10 * i + 3) * 3 + 4, `services.s${10 * i + 3}.endpoints[0].address`]),
		);
	});

	it("of two readings at once each has its own providers", async () => {
		const text = (name: string) =>
			`providers: {${name}: {type: dns}}\nservices:\n${Array.from({ length: 2_000 }, (_, i) => `  s${i}: ${name}:///web.internal:${i + 1}\n`).join("")}`;
		const both = ["one", "two"].map((name) => readConfigText(text(name), `${name}.yaml`, { registry }));
		const [one, two] = await Promise.all(both);
		expect(one?.services.get("s1999")?.targets[0]?.target.scheme).toBe("one");
		expect(two?.services.get("s1999")?.targets[0]?.target.scheme).toBe("two");
	});

	it("reads those with variables anew, which may have other values", () => {
		const knownServices = new KnownServices();
		const read = (PORT: string) => {
			const text = "services:\n  a: 127.0.0.1:${PORT}\n  b: 127.0.0.1:1\n";
			return parseConfig(text, "f.yaml", { registry, env: { PORT }, knownServices }).services;
		};
		expect(read("80").get("a")?.targets[0]?.target.text).toBe("127.0.0.1:80");
		expect(read("81").get("a")?.targets[0]?.target.text).toBe("127.0.0.1:81");
	});

	it("is refused where a target that did not change has no provider any more, or another that cannot serve it", () => {
		const own = new Registry();
		const provider: Provider = { discover: async () => [], watch: () => {} };
		own.register("corp", provider);
		const knownServices = new KnownServices();
		const read = () => parseConfig("services:\n  a: corp:///web\n", "f.yaml", { registry: own, knownServices });
		expect(read().services.size).toBe(1);
		own.register("corp", { ...provider, check: () => "there is no web" });
		expect(read).toThrow("there is no web");
		own.unregister("corp");
		expect(read).toThrow(/no provider|corp/);
		own.register("corp", provider);
		expect(read().services.size).toBe(1);
	});

	it("of another name has that name in the endpoints' origin", () => {
		const knownServices = new KnownServices();
		const originOf = (file: string) =>
			parseConfig(config(), file, { registry, knownServices }).services.get("s1")?.endpoints?.[0]?.origin?.object;
		expect(originOf("a.yaml")).toBe("a.yaml");
		expect(originOf("b.yaml")).toBe("b.yaml");
	});
});
