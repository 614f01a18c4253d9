import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { ControlPlane } from "../../src/app/control-plane.js";
import type { ConfigInput } from "../../src/config/schema.js";
import { FakeProvider } from "../catalog/fake-provider.js";

const CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const ALL = "fake:///*";

let provider: FakeProvider;
let controlPlane: ControlPlane | undefined;
let lines: { readonly msg: string; readonly [field: string]: unknown }[];

beforeEach(() => {
	provider = new FakeProvider();
	lines = [];
});
afterEach(() => controlPlane?.stop());

async function start(parts: Partial<ConfigInput> = {}) {
	const log = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) });
	const config: ConfigInput = {
		xds: { listen: "127.0.0.1:0" },
		admin: { listen: "127.0.0.1:0" },
		discover: [ALL],
		services: { written: "127.0.0.1:80" },
		...parts,
	};
	controlPlane = new ControlPlane(config, { registry: provider.registry, log });
	return controlPlane.start();
}

const names = (resources: readonly { readonly name: string }[]) => resources.map(({ name }) => name).sort();

describe("whole registries", () => {
	it("are waited for at the start, and their services are clusters at once", async () => {
		const starting = start();
		await waitUntil("the registry is watched", () => provider.registries.has(ALL));
		provider.list(ALL, "web", "cart");
		const { xds } = await starting;
		using stream = new XdsStream({ port: xds.port });
		stream.send({ type_url: CDS, node: { id: "one" } });
		expect(names((await stream.next("all", () => true)).resources)).toEqual(["cart", "web", "written"]);
		provider.list(ALL, "web");
	});

	it("that have not answered take nothing from a client that comes back", async () => {
		const { xds } = await start({ syncDeadline: "1s" });
		using back = new XdsStream({ port: xds.port });
		back.send({ type_url: CDS, node: { id: "back" }, version_info: "from-before" });
		using fresh = new XdsStream({ port: xds.port });
		fresh.send({ type_url: CDS, node: { id: "fresh" } });
		// One that has nothing waits for the deadline only.
		expect(names((await fresh.next("what is known", () => true)).resources)).toEqual(["written"]);
		provider.failList(ALL);
		provider.list(ALL, "web");
		// This is the first that it is sent: nothing came before.
		expect(names((await back.next("all", () => true)).resources)).toEqual(["web", "written"]);
	});

	it("are in the admin API and the log", async () => {
		const { admin } = await start();
		provider.list(ALL, "web", "written");
		provider.failList(ALL, "gone fishing");
		const response = await fetch(`http://127.0.0.1:${admin.port}/api/v1/registries`);
		expect(await response.json()).toMatchObject({
			registries: [
				{
					...{ target: ALL, name: "{service}", state: "stale", lastError: "gone fishing" },
					services: { found: 2, served: 1 },
					notes: ['fake:///written is not served: the name "written" is that of a service written in the config'],
				},
			],
		});
		provider.list(ALL, "web", "written");
		expect(lines.map(({ msg }) => msg)).toEqual(
			expect.arrayContaining(["registry failed; the services that it had stay", "registry recovered"]),
		);
	});

	it("come and go with a reload", async () => {
		const starting = start({ discover: [], removalGrace: "0s" });
		await starting;
		const config: ConfigInput = { discover: [ALL], services: {}, removalGrace: "0s" };
		controlPlane?.reload(config);
		provider.list(ALL, "web");
		await waitUntil("it is served", () => controlPlane?.counts().services === 1);
		controlPlane?.reload({ services: {}, removalGrace: "0s" });
		await waitUntil("it is gone", () => controlPlane?.counts().services === 0);
		expect(provider.registries.get(ALL)?.[0]?.signal.aborted).toBe(true);
	});
});
