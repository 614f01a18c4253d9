import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NamedServices } from "../../src/catalog/named-services.js";
import type { Endpoint } from "../../src/model/endpoint.js";
import type { ServiceDefinition } from "../../src/model/service.js";
import { parseTarget, type Target } from "../../src/model/target.js";
import { ServiceNotFound, SourceFailed } from "../../src/util/errors.js";
import { A, B } from "./catalog-lab.js";
import { at, definitions, FakeProvider, service } from "./fake-provider.js";

/** As FakeProvider; one look-up gives or throws what is there for the target. */
class LookUps extends FakeProvider {
	readonly there = new Map<string, readonly Endpoint[] | Error>();

	override async discover(target?: Target): Promise<readonly Endpoint[]> {
		const found = this.there.get(target?.text ?? "");
		if (!Array.isArray(found)) throw found ?? new ServiceNotFound(`there is no ${target?.text}`);
		return found;
	}
}

let provider: LookUps;
/** What an observer was told, in order. */
let told: string[];
let end: AbortController;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "performance", "Date"] });
	provider = new LookUps();
	told = [];
	end = new AbortController();
});

afterEach(() => {
	end.abort();
	expect(vi.getTimerCount()).toBe(0);
	for (const text of provider.watches.keys()) expect(provider.running(text)).toBe(0);
	vi.useRealTimers();
});

const WEB = { ...parseTarget("static:///web"), text: "web" };
const addresses = (list: readonly Endpoint[]) => list.map(({ address }) => address.replace("10.0.0.", ""));
const named = (...list: readonly ServiceDefinition[]) => new NamedServices(provider.registry, definitions(...list));

async function look(definition: ServiceDefinition): Promise<readonly Endpoint[]> {
	return named(definition).discover(WEB, { signal: end.signal });
}

function watch(definition: ServiceDefinition): void {
	const observer = {
		endpoints: (list: readonly Endpoint[], { notes = [] }: { readonly notes?: readonly string[] } = {}) =>
			void told.push([...addresses(list), ...notes].join(" ")),
		failed: (error: Error) => void told.push(error.message),
	};
	named(definition).watch(WEB, observer, { signal: end.signal, known: undefined } as never);
}

/** What is due now. @returns what was told since. */
function news(): string[] {
	vi.advanceTimersByTime(0);
	vi.runAllTicks();
	vi.advanceTimersByTime(1);
	return told.splice(0);
}

describe("the services of a config by their names", () => {
	it("are those of the config", () => {
		const services = named(service("web", [A]), service("cart", [B]));
		expect([[...services.names()], services.has("web"), services.has("shop")]).toEqual([["web", "cart"], true, false]);
	});

	it("are not found by any other name", async () => {
		await expect(look(service("cart", [A]))).rejects.toThrow('there is no service "web"');
	});
});

describe("a service that is looked up once", () => {
	it("has the endpoints of all its targets in their priorities, and those that are written out", async () => {
		provider.there.set(A, [at(1)]).set(B, [at(2)]);
		const found = await look(service("web", [A, `${B} 1`], { endpoints: [at(3)] }));
		expect(found.map(({ address, priority }) => [address, priority])).toEqual([
			["10.0.0.1", 0],
			["10.0.0.3", 0],
			["10.0.0.2", 1],
		]);
	});

	it("takes what the service says of each target's endpoints", async () => {
		provider.there.set(A, [at(1)]).set(B, [at(2)]);
		const targets = [A, B].map((text, i) => ({ target: parseTarget(text), priority: 0, weight: i }));
		const found = await look({ ...service("web", []), targets });
		expect(found.map(({ weight }) => weight)).toEqual([0, 100]);
	});

	it("does without a target that does not exist, but not without all of them", async () => {
		provider.there.set(B, [at(2)]);
		expect(addresses(await look(service("web", [A, B])))).toEqual(["2"]);
		provider.there.delete(B);
		await expect(look(service("web", [A, B]))).rejects.toThrow(new ServiceNotFound(`there is no ${A}`));
		provider.there.set(A, []);
		expect(await look(service("web", [A]))).toEqual([]);
		expect(await look(service("web", [], { endpoints: [] }))).toEqual([]);
	});

	it("fails with a target that fails", async () => {
		provider.there.set(A, new SourceFailed("broken")).set(B, [at(2)]);
		await expect(look(service("web", [A, B]))).rejects.toThrow(new SourceFailed("broken"));
	});

	it("has the addresses of the host names that are written out", async () => {
		provider.registry.register("dns", provider);
		provider.there.set("dns:///web.internal:80", [at(4)]);
		expect(addresses(await look(service("web", [], { endpoints: [at(0, { address: "web.internal" })] })))).toEqual([
			"4",
		]);
	});
});

describe("a service that is watched", () => {
	it("is told once all its targets have answered, and with each change", () => {
		watch(service("web", [A, B]));
		provider.answer(A, 1);
		expect(news()).toEqual([]);
		provider.answer(B, 2);
		expect(news()).toEqual(["1 2"]);
		provider.answer(B, 3);
		expect(news()).toEqual(["1 3"]);
		provider.answer(B, 3);
		expect(news()).toEqual([]);
	});

	it("is told without the rest after 10 s", () => {
		watch(service("web", [A, B]));
		provider.answer(A, 1);
		vi.advanceTimersByTime(10_000);
		expect(told).toEqual([]);
		// What is due then is told in the turn after it.
		vi.advanceTimersByTime(1);
		expect(told).toEqual(["1"]);
	});

	it("is told with another note alone", () => {
		watch(service("web", [A]));
		const { observer } = provider.watches.get(A)?.at(-1) ?? {};
		observer?.endpoints([at(1)], { notes: ["x"] });
		expect(news()).toEqual(["1 x"]);
		observer?.endpoints([at(1)], { notes: ["y"] });
		expect(news()).toEqual(["1 y"]);
	});

	it("fails once for each other failure of a target, and is told again when it has recovered", () => {
		watch(service("web", [A]));
		provider.fail(A, "broken");
		expect(news()).toEqual([`"${A}": broken`]);
		provider.fail(A, "broken");
		expect(news()).toEqual([]);
		provider.answer(A, 1);
		expect(news()).toEqual(["1"]);
		provider.fail(A, "worse");
		expect(news()).toEqual([`"${A}": worse`]);
		provider.fail(A, "worst");
		expect(news()).toEqual([`"${A}": worst`]);
		provider.answer(A, 1);
		expect(news()).toEqual(["1"]);
	});

	it("watches nothing where the signal has fired, and nothing more once it fires", () => {
		watch(service("web", [A]));
		expect(provider.running(A)).toBe(1);
		end.abort();
		expect(provider.running(A)).toBe(0);
		watch(service("web", [B]));
		expect(provider.started(B)).toBe(0);
	});

	it("hints the sources of all its targets", () => {
		const hinted: string[] = [];
		provider.refresh = ({ text }) => void hinted.push(text);
		named(service("web", [A, B])).refresh(WEB);
		expect(hinted).toEqual([A, B]);
	});
});
