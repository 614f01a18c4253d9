import { appendFile, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptServices } from "../../lab/kept-services.js";
import { waitUntil } from "../../lab/wait-until.js";
import type { SavedService, SavedTarget } from "../../src/catalog/keep/saved.js";
import type { JournalSizes } from "../../src/state/journal.js";
import type { StateEvents } from "../../src/state/state-events.js";
import { StateKeeper } from "../../src/state/state-keeper.js";
import { at, service } from "../catalog/fake-provider.js";
import { firstFile, firstFileOf } from "./first-file.js";
import { ForgetfulDisk } from "./forgetful-disk.js";

const DATE = "2026-01-02T03:04:05.678Z";

let folder: string;
let told: string[];
let events: StateEvents;
const known = new Map<string, SavedService>();
const open: StateKeeper[] = [];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "fingerpost-state-"));
	told = [];
	events = {
		setAside: ({ reason }) => told.push(`set aside: ${reason}`),
		failed: ({ message }) => told.push(`failed: ${message}`),
		recovered: () => told.push("recovered"),
	};
	known.clear();
});

afterEach(async () => {
	for (const each of open.splice(0)) await each.stop();
	await rm(folder, { recursive: true, force: true });
});

function keeper(directory = folder, sizes: Partial<JournalSizes> = {}): StateKeeper {
	const created = new StateKeeper(directory, (name) => known.get(name), events, { quiet: 1, retry: 20, ...sizes });
	open.push(created);
	return created;
}

function saved(name: string, target: Partial<SavedTarget> = {}): SavedService {
	const text = `fake:///${name}`;
	const defaults = { target: text, endpoints: [at(1)], whole: true, lastSuccess: new Date() };
	return { name, definition: service(name, [text]), targets: [{ ...defaults, ...target }] };
}

/** Keeps these services in a keeper that ends. */
async function keep(...services: readonly SavedService[]): Promise<void> {
	const state = keeper();
	await state.open();
	for (const each of services) known.set(each.name, each);
	state.changed(services.map(({ name }) => name));
	await state.stop();
}

const files = async (end = ".journal") => (await readdir(folder)).filter((file) => file.endsWith(end)).sort();
const read = (file = "00000001.journal") => readFile(join(folder, file), "utf8");
const writeFirst = async ({ name, text }: { readonly name: string; readonly text: string }) => {
	await writeFile(join(folder, name), text);
	return name;
};
/** The names of the services in a file, in its order. */
const recordsOf = (text: string) => [...text.matchAll(/"sha256":"[^"]*","name":"([^"]*)"/g)].map(([, name]) => name);

describe("the state on disk", () => {
	it("gives what was kept: endpoints with all they have, what is held, and dates", async () => {
		const origin = { target: "fake:///web", object: "o", revision: "7", at: new Date(5) };
		const locality = { region: "eu", zone: "a", subZone: "" };
		const full = at(1, {
			hostname: "h",
			metadata: { v: "2", n: 1.5, t: true, l: ["a", 2] },
			weight: 7,
			priority: 1,
			locality,
			origin,
		});
		const hold = { endpoints: [at(2)], before: 9, since: new Date(6), why: "target" as const };
		const web = saved("web", { endpoints: [full], staleSince: new Date(8), lastSuccess: new Date(7), hold });
		await keep(web, { ...saved("shop/api"), removedAt: new Date(9) });
		const services = new Map((await keeper().open()).map((each) => [each.name, each]));
		expect(services.get("web")).toEqual(web);
		expect(services.get("shop/api")?.removedAt).toEqual(new Date(9));
		expect(services.get("shop/api")?.definition.targets[0]?.target).toEqual(
			service("x", ["fake:///shop/api"]).targets[0]?.target,
		);
		expect(told).toEqual([]);
	});

	it("gives lists of any kind: neighbours that differ, and some without an origin or a part of it", async () => {
		const target = "fake:///web";
		const place = { region: "eu", zone: "b", subZone: "" };
		const endpoints = [
			at(1),
			at(2, { origin: { target } }),
			at(3, { origin: { target, at: new Date(5) } }),
			at(4, { origin: { target: "dns:///other:80", object: "A", revision: "2", at: new Date(6) }, locality: place }),
			at(5, { origin: { target: "dns:///other:80", object: "A", revision: "3", at: new Date(7) }, locality: place }),
			at(6, { health: "draining", locality: { ...place }, metadata: { v: "1" } }),
			at(7, { health: "draining", locality: place, metadata: { v: "1" } }),
			at(8, { priority: 1, weight: 3, hostname: "h", additionalAddresses: [{ address: "::1", port: 9 }] }),
		];
		const many = Array.from({ length: 300 }, (_, i) => at(9, { port: i + 1, weight: 1 + (i % 3) }));
		const hold = { endpoints: [at(2), at(3, { weight: 0 })], before: 9, since: new Date(6), why: "registry" as const };
		const web = saved("web", { endpoints: [...endpoints, ...many], staleSince: new Date(8), hold });
		const pin = { endpoints: [at(1)], version: "v", since: new Date(1), until: new Date(4e12) };
		const given = { ...web, pin, found: true, registry: "fake:///*" };
		await keep(given);
		expect(await keeper().open()).toEqual([given]);
	});

	it("reads the first format", async () => {
		const body = [
			{
				...{ name: "web", found: true, targets: 1, pin: { version: "v", since: DATE, until: DATE, count: 1 } },
				definition: { ...service("web", []), targets: [{ priority: 0, target: "fake:///web" }] },
			},
			{ target: "fake:///web", whole: true, endpoints: 2, held: { before: 3, since: DATE, count: 1, why: "target" } },
			{ ...at(1), origin: { target: "fake:///web", object: "o", revision: "7", at: DATE } },
			...[at(2), at(3), at(4)],
		]
			.map((line) => `${JSON.stringify(line)}\n`)
			.join("");
		await writeFirst(firstFileOf("web", body, 1));
		const [web] = await keeper().open();
		const at1 = { ...at(1), origin: { target: "fake:///web", object: "o", revision: "7", at: new Date(DATE) } };
		const hold = { endpoints: [at(3)], before: 3, since: new Date(DATE), why: "target" };
		expect(web).toMatchObject({ name: "web", found: true, targets: [{ endpoints: [at1, at(2)], hold }] });
		expect(web?.pin).toEqual({ endpoints: [at(4)], version: "v", since: new Date(DATE), until: new Date(DATE) });
		expect(told).toEqual([]);
	});

	it("takes a source that answered for heard of until the process lived last", async () => {
		await keep(saved("web", { lastSuccess: new Date(0) }));
		const alive = new Date(Date.now() - 3_600_000);
		await utimes(join(folder, "alive"), alive, alive);
		const [web] = await keeper().open();
		expect(web?.targets[0]?.lastSuccess).toEqual(new Date(alive.getTime() + 10_000));
		expect(web?.targets[0]?.staleSince).toBeUndefined();
	});

	it("forgets a service that is gone", async () => {
		await keep(saved("web"), saved("api"));
		const state = keeper();
		await state.open();
		known.delete("web");
		state.changed(["web"]);
		await waitUntil("it is gone", () => keptServices(folder).length === 1);
		await state.stop();
		expect((await keeper().open()).map(({ name }) => name)).toEqual(["api"]);
	});

	it.each([
		{ what: "an empty file", damage: () => "", reason: /does not begin/ },
		{
			what: "half a file",
			damage: (text: string) => text.slice(0, text.length / 2),
			reason: /hash differs|does not begin/,
		},
		{
			what: "another endpoint",
			damage: (text: string) => text.replace("10.0.0.1", "10.0.0.2"),
			reason: /hash differs/,
		},
		{ what: "a later format", damage: (text: string) => text.replace('"format":2', '"format":3'), reason: /format 3/ },
	])("sets $what of a former version aside, says so, and gives the others", async ({ damage, reason }) => {
		const { name, text } = firstFile(saved("web"));
		await writeFirst({ name, text: damage(text) });
		await writeFirst(firstFile(saved("api")));
		expect((await keeper().open()).map(({ name }) => name)).toEqual(["api"]);
		expect(told).toEqual([expect.stringMatching(reason)]);
		expect(await readdir(folder)).toContain(`${name}.damaged`);
	});

	it("takes files of former versions into the journal, and those of one that ran in between count", async () => {
		await keep(saved("web"), saved("api"));
		const web = saved("web", { endpoints: [at(7)], staleSince: new Date(8), lastSuccess: new Date(7) });
		await writeFirst(firstFile(web));
		const state = keeper();
		const services = new Map((await state.open()).map((each) => [each.name, each]));
		expect([...services.keys()].sort()).toEqual(["api", "web"]);
		expect(services.get("web")).toEqual(web);
		known.set("web", saved("web", { endpoints: [at(9)] }));
		state.changed(["web"]);
		await state.stop();
		expect(await files(".state")).toEqual([]);
		expect(recordsOf(await read("00000002.journal"))).toEqual(["web", "web"]);
		const again = await keeper().open();
		expect(again.find(({ name }) => name === "web")?.targets[0]?.endpoints).toEqual([at(9)]);
	});

	it.each([
		{
			what: "another endpoint",
			damage: (text: string) => text.replace("10.0.0.1", "10.0.0.2"),
			reason: /00000001.journal at byte 0: the hash of web differs/,
		},
		{
			what: "a head that is none",
			damage: (text: string) => text.replace('"fingerpost"', '"fingerprint"'),
			reason: /at byte 0: no record begins there/,
		},
		{
			what: "another length",
			damage: (text: string) => text.replace(/"bytes":\d+/, '"bytes":90'),
			reason: /at byte 0: the hash of web differs/,
		},
		{
			what: "zeros",
			damage: (text: string) => text.replace("10.0.0.1", "\0".repeat(8)),
			reason: /at byte 0: the hash of web differs/,
		},
		{
			what: "a later format",
			damage: (text: string) => text.replace('"format":2', '"format":3'),
			reason: /at byte 0: its format 3 is of another version/,
		},
	])("says that $what is damaged, gives the others, and sets the file aside", async ({ damage, reason }) => {
		events = { ...events, setAside: ({ file, reason }) => told.push(`${file} ${reason}`) };
		for (const name of ["web", "api", "db"]) known.set(name, saved(name));
		const first = keeper();
		await first.open();
		first.changed(["web"]);
		await waitUntil("it is kept", () => keptServices(folder).length === 1);
		first.changed(["api", "db"]);
		await first.stop();
		const damaged = damage(await read());
		await writeFile(join(folder, "00000001.journal"), damaged);
		const state = keeper();
		expect((await state.open()).map(({ name }) => name).sort()).toEqual(["api", "db"]);
		expect(told).toEqual([expect.stringMatching(reason)]);
		state.changed(["web"]);
		await waitUntil("it is set aside", async () => (await files(".damaged")).length === 1);
		expect(await read("00000001.journal.damaged")).toBe(damaged);
		await state.stop();
		expect((await keeper().open()).map(({ name }) => name).sort()).toEqual(["api", "db", "web"]);
		expect(told).toHaveLength(1);
	});

	it.each(["{", '{"fingerpost":"state","for', "HALF", "\0\0\0\0"])(
		"passes over what was being written when the process ended: %s",
		async (rest) => {
			await keep(saved("web"));
			const text = await read();
			await appendFile(join(folder, "00000001.journal"), rest === "HALF" ? text.slice(0, -20) : rest);
			expect((await keeper().open()).map(({ name }) => name)).toEqual(["web"]);
			expect(told).toEqual([]);
		},
	);

	it("writes what counts once more when too much is out of date, and takes the rest away", async () => {
		const state = keeper(folder, { file: 1_500, least: 500, spare: 6_000 });
		await state.open();
		for (const name of ["stays", "goes", "web"]) known.set(name, saved(name));
		state.changed(known.keys());
		await waitUntil("they are kept", () => keptServices(folder).length === 3);
		known.delete("goes");
		state.changed(["goes"]);
		for (let i = 1; i <= 40; i++) {
			known.set("web", saved("web", { endpoints: [at(1, { port: i })] }));
			state.changed(["web"]);
			const isKept = () => keptServices(folder).some(({ targets }) => targets[0]?.endpoints[0]?.port === i);
			await waitUntil(`port ${i} is kept`, isKept, { interval: 1 });
		}
		await state.stop();
		const left = await files();
		expect(left.length).toBeLessThan(9);
		expect(Number.parseInt(left[0] as string, 10)).toBeGreaterThan(3);
		expect(recordsOf((await Promise.all(left.map(read))).join(""))).not.toContain("goes");
		expect(new Set((await keeper().open()).map(({ name }) => name))).toEqual(new Set(["stays", "web"]));
		expect(told).toEqual([]);
	});

	it("keeps all of it again when its files were taken away", async () => {
		const state = keeper();
		await state.open();
		for (const name of ["web", "api"]) known.set(name, saved(name));
		state.changed(known.keys());
		await waitUntil("they are kept", () => keptServices(folder).length === 2);
		await rm(join(folder, "00000001.journal"));
		known.set("web", saved("web", { endpoints: [at(2)] }));
		state.changed(["web"]);
		await waitUntil("they are kept again", () => told.includes("recovered") && keptServices(folder).length === 2);
		await state.stop();
	});

	it("is held by one process; the lock of one that died is taken over", async () => {
		await keep(saved("web"));
		const first = keeper();
		await first.open();
		const second = new StateKeeper(folder, () => undefined, events);
		await expect(second.open()).rejects.toMatchObject({ code: "STATE_IN_USE" });
		await first.stop();
		for (const lock of [
			JSON.stringify({ pid: 2 ** 22 + 1, host: (await import("node:os")).hostname() }),
			JSON.stringify({ pid: process.pid, began: "another", host: (await import("node:os")).hostname() }),
			"",
		]) {
			await writeFile(join(folder, "lock"), lock);
			const next = keeper();
			expect((await next.open()).map(({ name }) => name)).toEqual(["web"]);
			await next.stop();
		}
		await writeFile(join(folder, "lock"), JSON.stringify({ pid: 1, host: "elsewhere" }));
		await expect(new StateKeeper(folder, () => undefined, events).open()).rejects.toMatchObject({
			code: "STATE_IN_USE",
		});
		const silent = new Date(Date.now() - 31_000);
		await utimes(join(folder, "alive"), silent, silent);
		expect(await keeper().open()).toHaveLength(1);
	});

	it("tells once that it cannot be kept, goes on trying, and keeps all of it then", async () => {
		const directory = join(folder, "in", "there");
		await writeFile(join(folder, "in"), "no folder");
		const state = keeper(directory);
		expect(await state.open()).toEqual([]);
		known.set("web", saved("web"));
		state.changed(["web"]);
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(told).toEqual([expect.stringMatching(/^failed: .*in\/there/)]);
		await rm(join(folder, "in"));
		await waitUntil("it is kept", () => told.includes("recovered"));
		await state.stop();
		expect(await keeper(directory).open()).toHaveLength(1);
	});

	it("does not write again what is the same", async () => {
		const state = keeper();
		await state.open();
		known.set("web", saved("web"));
		state.changed(["web"]);
		await waitUntil("it is written", () => keptServices(folder).length === 1);
		known.set("web", saved("web", { lastSuccess: new Date(1) }));
		known.set("api", saved("api"));
		state.changed(["web", "api"]);
		await waitUntil("the other is written", () => keptServices(folder).length === 2);
		expect(recordsOf(await read())).toEqual(["web", "api"]);
	});

	it("does not write again what it has read", async () => {
		await keep(saved("web"), saved("api"));
		const state = keeper();
		for (const each of await state.open()) known.set(each.name, each);
		known.set("new", saved("new"));
		state.changed(known.keys());
		await state.stop();
		expect(recordsOf(await read("00000002.journal"))).toEqual(["new"]);
	});

	it("keeps more services than are written in one go", async () => {
		// In memory: the last writing has a limit, and a busy disk takes longer.
		const disk = new ForgetfulDisk();
		const create = () => new StateKeeper("/state", (name) => known.get(name), events, { quiet: 1 }, disk);
		const first = create();
		await first.open();
		const names = Array.from({ length: 600 }, (_, i) => `s${i}`);
		for (const name of names) known.set(name, saved(name));
		first.changed(names);
		await waitUntil("all are written", () => keptServices("/state", disk).length === 600);
		await first.stop();
		const second = create();
		expect(await second.open()).toHaveLength(600);
		await second.stop();
	});

	it("keeps a long list, with the loop let go in between", async () => {
		const many = Array.from({ length: 20_000 }, (_, i) => at(1, { port: i + 1 }));
		await keep(saved("web", { endpoints: many }));
		const [web] = await keeper().open();
		expect(web?.targets[0]?.endpoints).toEqual(many);
	});
});
