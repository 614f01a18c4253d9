import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { ControlPlane } from "../../src/app/control-plane.js";
import { resourceType } from "../../src/resources/resource-types.js";

const EDS = resourceType("eds").url;

function config(zones: "local" | "off") {
	const endpoints = ["a", "a", "b", "b"].map((zone, i) => {
		return { address: `127.0.0.1:${i + 1}`, locality: { region: "eu", zone } };
	});
	const listen = "127.0.0.1:0";
	return { xds: { listen }, admin: { listen }, services: { web: { endpoints, zones } } };
}

describe.each(["sotw", "delta"] as const)("clients that were there before a reload, %s", (mode) => {
	it("go to their zone once the service is split, and everywhere when it is not", async () => {
		await using plane = new ControlPlane(config("off"));
		const { xds } = await plane.start();
		const streams = ["a", "b", ""].map((zone) => {
			const stream = new XdsStream({ port: xds.port, mode });
			const node = { id: `in-${zone}`, user_agent_name: "envoy", locality: { region: "eu", zone } };
			const names = mode === "sotw" ? { resource_names: ["web"] } : { resource_names_subscribe: ["web"] };
			stream.send({ type_url: EDS, node, ...names });
			return stream;
		});
		/** The version that each client was sent last. */
		const versions = () =>
			streams.map(({ responses }) => {
				const { version = "", resources = [] } = responses.at(-1) ?? {};
				return mode === "sotw" ? version : (resources[0]?.version ?? "");
			});
		const [first] = await waitUntil("all have the same", () => {
			const all = versions();
			return all.every((each) => each !== "" && each === all[0]) && all;
		});
		plane.reload(config("local"));
		await waitUntil("two of them have others", () => {
			const [a, b, none] = versions();
			return a !== first && b !== first && a !== b && none === first;
		});
		plane.reload(config("off"));
		await waitUntil("all have the first again", () => versions().every((each) => each === first));
		for (const stream of streams) stream[Symbol.dispose]();
	});
});

/** A client of a zone, and the version of `web` that it was sent last. */
function clientIn(zone: string, port: number) {
	const stream = new XdsStream({ port, mode: "delta" });
	const node = { id: `in-${zone}`, user_agent_name: "envoy", locality: { region: "eu", zone } };
	stream.send({ type_url: EDS, node, resource_names_subscribe: ["web"] });
	const versions = () => stream.responses.flatMap(({ resources = [] }) => resources.map(({ version }) => version));
	return {
		versions,
		async version(what: string): Promise<string> {
			return waitUntil(what, () => versions().at(-1));
		},
		[Symbol.dispose]: () => stream[Symbol.dispose](),
	};
}

interface Row {
	readonly zone: string;
	readonly clients: number;
	readonly allClients: number;
	readonly demand: number;
}

async function rows({ admin }: { readonly admin: { readonly port: number } }): Promise<readonly Row[]> {
	const answer = await fetch(`http://127.0.0.1:${admin.port}/api/v1/services/web`);
	return ((await answer.json()) as { zones: Row[] }).zones;
}

describe("replicas with clients of a zone each", () => {
	it("have the same for each zone, by the clients of all", async () => {
		await using first = new ControlPlane(config("local"));
		await using second = new ControlPlane(config("local"));
		const addresses = [await first.start(), await second.start()] as const;
		const replicas = { admin: addresses.map(({ admin }) => `127.0.0.1:${admin.port}`) };
		for (const each of [first, second]) each.reload({ ...config("local"), replicas });
		using a = clientIn("a", addresses[0].xds.port);
		using b = clientIn("b", addresses[1].xds.port);
		const expected = ["a", "b"].map((zone) => ({ zone, allClients: 1, demand: 0.5 }));
		for (const each of addresses)
			await waitUntil("both count at both", async () => {
				const seen = await rows(each);
				return (
					JSON.stringify(seen.map(({ zone, allClients, demand }) => ({ zone, allClients, demand }))) ===
					JSON.stringify(expected)
				);
			});
		expect((await rows(addresses[0])).map(({ clients }) => clients)).toEqual([1, 0]);
		// Each is sent what is for its zone once it counts, and a client of the other zone gets the same at either.
		for (const each of [a, b]) await waitUntil("it has its zone", () => each.versions().length === 2);
		using otherA = clientIn("a", addresses[1].xds.port);
		using otherB = clientIn("b", addresses[0].xds.port);
		const [ofA, ofB] = [await a.version("a"), await b.version("b")];
		expect(ofA).not.toBe(ofB);
		expect([await otherA.version("a elsewhere"), await otherB.version("b elsewhere")]).toEqual([ofA, ofB]);
	});

	it("send clients everywhere while the others are not known", async () => {
		await using plane = new ControlPlane({
			...config("local"),
			replicas: { admin: ["nobody.invalid:1", "192.0.2.1:1"] },
		});
		const addresses = await plane.start();
		using a = clientIn("a", addresses.xds.port);
		using b = clientIn("b", addresses.xds.port);
		await waitUntil("both are seen", async () => (await rows(addresses)).every(({ clients }) => clients === 1));
		expect((await rows(addresses)).map(({ demand }) => demand)).toEqual([0, 0]);
		expect(await a.version("a")).toBe(await b.version("b"));
	});
});

describe("a restart with a state directory", () => {
	it("gives clients their zone from the first answer on, and without one after a while", async () => {
		const directory = await mkdtemp(join(tmpdir(), "fingerpost-zones-"));
		const kept = { ...config("local"), state: { directory } };
		const ofZones: string[] = [];
		{
			await using plane = new ControlPlane(kept);
			const { xds } = await plane.start();
			using a = clientIn("a", xds.port);
			using b = clientIn("b", xds.port);
			for (const each of [a, b]) {
				await waitUntil("it has its zone", () => each.versions().length === 2);
				ofZones.push(await each.version("its zone"));
			}
		}
		{
			await using plane = new ControlPlane(kept);
			const { xds } = await plane.start();
			using a = clientIn("a", xds.port);
			using b = clientIn("b", xds.port);
			expect([await a.version("a"), await b.version("b")]).toEqual(ofZones);
		}
		await using plane = new ControlPlane(config("local"));
		const { xds } = await plane.start();
		using a = clientIn("a", xds.port);
		expect(await a.version("a")).not.toBe(ofZones[0]);
		await rm(directory, { recursive: true });
	});
});
