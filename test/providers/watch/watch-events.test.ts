import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addressOf } from "../../../src/model/endpoint.js";
import type { WatchEvent, WatchOptions } from "../../../src/providers/watch/watch-events.js";
import type { FingerpostError } from "../../../src/util/errors.js";
import { at, FakeProvider } from "../../catalog/fake-provider.js";

const A = "fake:///a";

let provider: FakeProvider;
let end: AbortController;

beforeEach(() => {
	provider = new FakeProvider();
	end = new AbortController();
});

afterEach(() => {
	end.abort();
	expect(provider.running(A)).toBe(0);
});

function watch(options: Omit<WatchOptions, "signal"> = {}): AsyncIterableIterator<WatchEvent> {
	return provider.registry.watch(A, { signal: end.signal, ...options });
}

/** `add 1 2 | +1 +2`: the type, the present list, what is different; of 10.0.0.N:80 only the N. */
function text({ done, value }: IteratorResult<WatchEvent>): string {
	if (done) return "done";
	const short = (list: WatchEvent["endpoints"], sign = "") =>
		list.map((e) => sign + addressOf(e).replace(/^10\.0\.0\.(\d+):80$/, "$1")).join(" ");
	const { type, endpoints, added, removed, changed } = value;
	const changes = [short(added, "+"), short(removed, "-"), short(changed, "~")].filter((part) => part !== "");
	return [`${type} ${short(endpoints)}`.trim(), changes.join(" ")].join(" | ").trim();
}

async function next(events: AsyncIterator<WatchEvent>): Promise<string> {
	return text(await events.next());
}

/** Whether the promise is settled after everything that is ready has run. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
	let done = false;
	void promise.then(() => {
		done = true;
	});
	await new Promise((resolve) => setImmediate(resolve));
	return done;
}

describe("watching a target", () => {
	it("gives the present state first, as `add`, then a difference for each change", async () => {
		const events = watch();
		const first = next(events);
		provider.answer(A, 2, 1);
		expect(await first).toBe("add 1 2 | +1 +2");
		provider.answer(A, 1, 2, 3);
		expect(await next(events)).toBe("add 1 2 3 | +3");
		provider.answer(A, 3);
		expect(await next(events)).toBe("delete 3 | -1 -2");
		provider.answer(A, at(3, { weight: 50 }));
		expect(await next(events)).toBe("update 3 | ~3");
		provider.answer(A, 4);
		expect(await next(events)).toBe("update 4 | +4 -3");
		provider.answer(A);
		expect(await next(events)).toBe("delete | -4");
	});

	it("gives an empty first state too: the source says that there is nothing", async () => {
		const events = watch();
		const first = next(events);
		provider.answer(A);
		expect(await first).toBe("add |");
	});

	it("begins with the first event that is asked for, not before", async () => {
		const events = watch();
		expect(provider.started(A)).toBe(0);
		void events.next();
		expect(provider.started(A)).toBe(1);
	});

	it("holds the newest state only, however slow its reader", async () => {
		const events = watch();
		const first = events.next();
		provider.answer(A, 1);
		await first;
		for (let n = 2; n <= 50; n++) provider.answer(A, n);
		provider.answer(A, 1, 51);
		expect(await next(events)).toBe("add 1 51 | +51");
		expect(await settled(events.next())).toBe(false);
	});

	it("tells nothing of what changed back while nobody read, nor of what merely was confirmed", async () => {
		const events = watch();
		const first = events.next();
		provider.answer(A, 1);
		await first;
		provider.answer(A, 1, 2);
		provider.answer(A, 1);
		const second = events.next();
		expect(await settled(second)).toBe(false);
		provider.answer(A, 1);
		provider.fail(A);
		provider.answer(A, 1);
		expect(await settled(second)).toBe(false);
		provider.answer(A, 1, 3);
		expect(text(await second)).toBe("add 1 3 | +3");
	});

	it("gives each address once, of repeats the first", async () => {
		const events = watch();
		const first = events.next();
		provider.answer(A, at(1), at(1, { weight: 50 }));
		expect((await first).value?.endpoints).toEqual([at(1)]);
		provider.answer(A, at(1), at(1, { weight: 51 }));
		const second = events.next();
		expect(await settled(second)).toBe(false);
		provider.answer(A, at(1), at(2), at(1, { weight: 51 }));
		expect(text(await second)).toBe("add 1 2 | +2");
	});

	it("notes what was left out", async () => {
		const events = watch();
		const first = events.next();
		provider.answer(A, at(1), at(2, { port: 0 }));
		const { value } = await first;
		expect(value?.endpoints).toEqual([at(1)]);
		expect(value?.notes).toEqual([expect.stringMatching(/^endpoint 10\.0\.0\.2:0 left out: the port/)]);
	});

	it("gives several who wait an event each", async () => {
		const events = watch();
		const both = [next(events), next(events)];
		provider.answer(A, 1);
		provider.answer(A, 2);
		expect(await Promise.all(both)).toEqual(["add 1 | +1", "update 2 | +2 -1"]);
	});
});

describe("a watch ends", () => {
	it("when the signal fires while an event is waited for", async () => {
		const events = watch();
		const waiting = next(events);
		end.abort();
		expect(await waiting).toBe("done");
		expect([await next(events), provider.running(A)]).toEqual(["done", 0]);
	});

	it("when the signal fires while nobody reads, and is freed at once", async () => {
		const events = watch();
		const first = events.next();
		provider.answer(A, 1);
		await first;
		provider.answer(A, 2);
		end.abort();
		expect(provider.running(A)).toBe(0);
		expect(await next(events)).toBe("done");
	});

	it("before it begins, if the signal has fired already", async () => {
		end.abort();
		expect([await next(watch()), provider.started(A)]).toEqual(["done", 0]);
	});

	it("when the loop over it is left", async () => {
		const seen: string[] = [];
		setImmediate(() => provider.answer(A, 1));
		for await (const event of provider.registry.watch(A)) {
			seen.push(text({ done: false, value: event }));
			break;
		}
		expect([seen, provider.running(A)]).toEqual([["add 1 | +1"], 0]);
	});

	it("by return(), also while an event is waited for", async () => {
		const events = watch();
		const waiting = next(events);
		await events.return?.();
		expect([await waiting, provider.running(A)]).toEqual(["done", 0]);
	});

	it("without leaving a listener at the signal", async () => {
		const remove = vi.spyOn(end.signal, "removeEventListener");
		const events = watch();
		void events.next();
		await events.return?.();
		expect(remove).toHaveBeenCalledWith("abort", expect.any(Function));
	});
});

describe("a source that fails while it is watched", () => {
	it("is told, once for each reason; its endpoints stay", async () => {
		const errors: FingerpostError[] = [];
		const events = watch({ onError: (error) => errors.push(error) });
		const first = events.next();
		provider.fail(A, "refused");
		expect(await settled(first)).toBe(false);
		provider.answer(A, 1);
		await first;
		provider.fail(A, "refused");
		provider.fail(A, "refused");
		provider.fail(A, "reset");
		expect(errors.map(({ message }) => message)).toEqual(["refused", "refused", "reset"]);
		provider.answer(A, 1, 2);
		expect(await next(events)).toBe("add 1 2 | +2");
	});

	it("is told where the provider itself throws", async () => {
		const errors: FingerpostError[] = [];
		provider.throwing = new Error("broken");
		void watch({ onError: (error) => errors.push(error) }).next();
		expect(errors.map(({ code, message }) => [code, message])).toEqual([["INTERNAL", "broken"]]);
	});

	it("goes on where the one who is told throws, which is then uncaught", async () => {
		const events = watch({
			onError: () => {
				throw new Error("from the listener");
			},
		});
		const first = next(events);
		const uncaught = new Promise((resolve) => {
			const others = process.listeners("uncaughtException");
			process.removeAllListeners("uncaughtException");
			process.once("uncaughtException", (error) => {
				for (const listener of others) process.on("uncaughtException", listener);
				resolve(error);
			});
		});
		provider.fail(A);
		expect(await uncaught).toMatchObject({ message: "from the listener" });
		provider.answer(A, 1);
		expect(await first).toBe("add 1 | +1");
	});
});
