import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { ControlPlane } from "../../src/app/control-plane.js";
import { FakeProvider } from "../catalog/fake-provider.js";

const A = "fake:///a";
const B = "fake:///b";

let folder: string;
let provider: FakeProvider;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "fingerpost-state-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Shown {
	readonly state: string;
	readonly version: string;
	readonly endpoints: { readonly total: number; readonly held: number };
	readonly targets: readonly { state: string; restored: boolean; outage: string | null; staleSeconds: number }[];
	readonly items: readonly { readonly address: string; readonly held: boolean }[];
}

type Services = Parameters<typeof ControlPlane.prototype.reload>[0]["services"];

/** A control plane with a state directory and sources of its own. */
async function start(services: Services, settings: object = {}, onFailure: unknown = "keep") {
	provider = new FakeProvider();
	const config = {
		xds: { listen: "127.0.0.1:0" },
		admin: { listen: "127.0.0.1:0" },
		state: { directory: join(folder, "state") },
		services,
		onFailure,
		...settings,
	};
	const controlPlane = new ControlPlane(config as never, { registry: provider.registry });
	const starting = controlPlane.start();
	return {
		controlPlane,
		config,
		async show(name = "web"): Promise<Shown | undefined> {
			const { admin } = await starting;
			const answer = await fetch(`http://127.0.0.1:${admin.port}/api/v1/services/${name}`);
			return answer.status === 200 ? ((await answer.json()) as Shown) : undefined;
		},
		/** The status of `/readyz`. */
		async ready(): Promise<number> {
			const { admin } = await starting;
			return (await fetch(`http://127.0.0.1:${admin.port}/readyz`)).status;
		},
		[Symbol.asyncDispose]: () => controlPlane.stop(),
	};
}

/** Runs one with these answers, and ends it. @returns what it served. */
async function runOnce(
	services: Services,
	settings: object,
	act: (show: () => Promise<Shown | undefined>) => Promise<void>,
) {
	await using first = await start(services, settings);
	await waitUntil("it is watched", () => provider.started(A) > 0);
	await act(() => first.show());
	return (await first.show()) as Shown;
}

describe("a control plane that starts again while its sources are away", () => {
	it("serves what it served before, with the same version, marked as stale", async () => {
		const before = await runOnce({ web: { targets: [A, B] } } as never, {}, async (show) => {
			provider.answer(A, 1, 2);
			provider.answer(B, 3);
			await waitUntil("it is in sync", async () => (await show())?.state === "synced");
		});
		await using second = await start({ web: { targets: [A, B] } } as never);
		const after = await second.show();
		expect(after).toMatchObject({ state: "stale", version: before.version, endpoints: { total: 3 } });
		expect(after?.targets.map(({ state, restored }) => [state, restored])).toEqual([
			["stale", true],
			["stale", true],
		]);
		provider.fail(A);
		provider.answer(B, 4);
		await waitUntil("the new endpoint is served", async () =>
			(await second.show())?.items.some(({ address }) => address === "10.0.0.4"),
		);
		expect((await second.show())?.targets.map(({ state, restored }) => [state, restored])).toEqual([
			["stale", true],
			["synced", false],
		]);
		expect((await second.show())?.endpoints.total).toBe(3);
	});

	it("serves at once what a registry had that says nothing, with the same version", async () => {
		let before: Shown | undefined;
		{
			await using first = await start({}, { discover: ["fake:///*"] });
			await waitUntil("it is asked", () => provider.registries.size > 0);
			provider.list("fake:///*", "a");
			await waitUntil("the service is watched", () => provider.started(A) > 0);
			provider.answer(A, 1, 2);
			before = await waitUntil("it is in sync", async () => {
				const shown = await first.show("a");
				return shown?.state === "synced" ? shown : undefined;
			});
		}
		// A start that waited for anything would not end.
		vi.useFakeTimers({ toFake: ["setTimeout"] });
		try {
			await using second = await start({}, { discover: ["fake:///*"] });
			const { version, endpoints, state } = (await second.show("a")) as Shown;
			expect({ version, endpoints, state }).toMatchObject({ version: before.version, endpoints: { total: 2 } });
			expect(state).toBe("stale");
			expect(await second.ready()).toBe(200);
		} finally {
			vi.useRealTimers();
		}
	});

	it("is not ready while a registry says nothing of which it had nothing", async () => {
		await using first = await start({}, { discover: ["fake:///*"] });
		expect(await first.ready()).toBe(503);
	});

	it("holds what it held, and holds what the first answer would empty", async () => {
		await runOnce({ web: A } as never, {}, async (show) => {
			provider.answer(A, 1, 2, 3);
			await waitUntil("it is in sync", async () => (await show())?.endpoints.total === 3);
			provider.answer(A);
			await waitUntil("it is held", async () => (await show())?.endpoints.held === 3);
		});
		await using second = await start({ web: A } as never);
		expect((await second.show())?.endpoints).toMatchObject({ total: 3, held: 3 });
		await second.controlPlane.stop();
		await rm(folder, { recursive: true, force: true });
		await runOnce({ web: A } as never, { guard: {} }, async (show) => {
			provider.answer(A, 1, 2, 3);
			await waitUntil("it is in sync", async () => (await show())?.endpoints.total === 3);
		});
		await using third = await start({ web: A } as never, { guard: {} });
		await third.show();
		provider.answer(A);
		await waitUntil("it is held", async () => (await third.show())?.endpoints.held === 3);
		expect((await third.show())?.items.map(({ held }) => held)).toEqual([true, true, true]);
	});

	it("holds nothing where the guard is off", async () => {
		await runOnce({ web: A } as never, { guard: "off" }, async (show) => {
			provider.answer(A, 1, 2, 3);
			await waitUntil("it is in sync", async () => (await show())?.endpoints.total === 3);
			provider.answer(A);
			await waitUntil("all are gone", async () => (await show())?.endpoints.total === 0);
		});
	});

	it("removes what went from the config meanwhile only after the grace, and what was being removed at its own time", async () => {
		await runOnce({ web: { target: A, protocol: "grpc" } } as never, {}, async (show) => {
			provider.answer(A, 1);
			await waitUntil("it is in sync", async () => (await show())?.state === "synced");
		});
		{
			await using second = await start({}, { removalGrace: "1h" });
			expect(await second.show()).toMatchObject({ state: "removing", endpoints: { total: 1 } });
		}
		{
			await using third = await start({}, { removalGrace: "1h" });
			expect(await third.show()).toMatchObject({ state: "removing", endpoints: { total: 1 } });
		}
		await using fourth = await start({}, { removalGrace: "1ms" });
		await waitUntil("it is gone", async () => (await fourth.show()) === undefined);
		await fourth.controlPlane.stop();
		await using fifth = await start({}, { removalGrace: "1h" });
		expect(await fifth.show()).toBeUndefined();
	});

	it("counts an outage from the last success, not from the start", async () => {
		await runOnce({ web: A } as never, {}, async (show) => {
			provider.answer(A, 1);
			await waitUntil("it is in sync", async () => (await show())?.state === "synced");
			provider.fail(A);
			await waitUntil("it is stale", async () => (await show())?.state === "stale");
		});
		await using second = await start({ web: A } as never, {}, JSON.parse('{"keep": "1ms", "then": "drop"}'));
		expect(await second.show()).toMatchObject({
			state: "stale",
			endpoints: { total: 0 },
			targets: [{ outage: "dropped" }],
		});
	});

	it("refuses a directory that another one uses", async () => {
		await using first = await start({});
		await first.show("none");
		const second = new ControlPlane(first.config as never);
		await expect(second.start()).rejects.toMatchObject({ code: "STATE_IN_USE" });
	});
});
