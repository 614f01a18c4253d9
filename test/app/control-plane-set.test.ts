import { beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { ControlPlane } from "../../src/app/control-plane.js";
import { InvalidEndpoints } from "../../src/input/endpoint-file.js";
import type { HostPort } from "../../src/model/host-port.js";
import { FakeProvider } from "../catalog/fake-provider.js";

const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
const A = "fake:///a";

let provider: FakeProvider;

beforeEach(() => {
	provider = new FakeProvider();
});

type Written = ConstructorParameters<typeof ControlPlane>[0];

/** As a program writes it: the keys of the config file. */
function config(services: Readonly<Record<string, string>> = {}, more: object = {}): Written {
	const listen = "127.0.0.1:0";
	return { xds: { listen }, admin: { listen }, services, ...more } as Written;
}

function create(written = config()): ControlPlane {
	return new ControlPlane(written, { registry: provider.registry });
}

interface Seen {
	readonly state: string;
	readonly addresses: readonly string[];
}

/** What the admin API says of the service `web`; undefined if there is none. */
async function seen(admin: HostPort): Promise<Seen | undefined> {
	const url = `http://127.0.0.1:${admin.port}/api/v1/services/web`;
	const response = await fetch(url, { headers: { connection: "close" } });
	if (response.status === 404) return undefined;
	const { state, items } = (await response.json()) as { state: string; items: { address: string }[] };
	return { state, addresses: items.map(({ address }) => address) };
}

describe("a hint to look again", () => {
	it("reaches the names among endpoints as it reaches targets", async () => {
		const asked: string[] = [];
		provider.refresh = ({ text }) => asked.push(text);
		provider.registry.register("dns", provider);
		await using controlPlane = create(config({ api: A }));
		controlPlane.set("web", ["db.internal:80"]);
		const { admin } = await controlPlane.start();
		const statusOf = async (target: string) => {
			const url = `http://127.0.0.1:${admin.port}/api/v1/targets/refresh?target=${encodeURIComponent(target)}`;
			return (await fetch(url, { method: "POST", headers: { connection: "close" } })).status;
		};
		const texts = [A, "dns:///db.internal:80", "dns:///other.internal:80", "inline"];
		expect(await Promise.all(texts.map(statusOf))).toEqual([202, 202, 404, 404]);
		expect(asked.sort()).toEqual(["dns:///db.internal:80", A]);
	});
});

describe("a control plane that is its own source", () => {
	it("serves what was set before the start, and pushes what is set later", async () => {
		await using controlPlane = create();
		controlPlane.set("web", ["10.0.0.1:80"], { protocol: "grpc", connectTimeout: 250 });
		const { xds, admin } = await controlPlane.start();
		expect(await seen(admin)).toEqual({ state: "synced", addresses: ["10.0.0.1"] });

		using stream = new XdsStream({ port: xds.port });
		stream.send({ type_url: EDS, node: { id: "one" }, resource_names: ["web"] });
		const first = await stream.next("the assignment", () => true);
		stream.send({ type_url: EDS, response_nonce: first.nonce, resource_names: ["web"] });
		controlPlane.set("web", ["10.0.0.1:80", { address: "10.0.0.2", port: 80 }]);
		const second = await stream.next("the change", () => true, 1);
		expect(second.resources.map(({ name }) => name)).toEqual(["web"]);
		expect(await seen(admin)).toEqual({ state: "synced", addresses: ["10.0.0.1", "10.0.0.2"] });
	});

	it("takes over what is said of the service, and what is said otherwise with the same endpoints", async () => {
		await using controlPlane = create();
		const endpoints = ["a", "b"].map((zone, i) => ({ address: `10.0.0.${i}`, port: 80, locality: { zone } }));
		controlPlane.set("web", endpoints);
		const { admin } = await controlPlane.start();
		const zones = async () => {
			const response = await fetch(`http://127.0.0.1:${admin.port}/api/v1/services/web`, {
				headers: { connection: "close" },
			});
			return ((await response.json()) as { zones: readonly { zone: string }[] | null }).zones?.map(({ zone }) => zone);
		};
		expect(await zones()).toEqual(["a", "b"]);
		controlPlane.set("web", endpoints, { zones: "off" });
		expect(await zones()).toBeUndefined();
		expect(() => controlPlane.set("web", [], { zones: "near" as "off" })).toThrow(
			expect.objectContaining({ problems: [{ path: "zones", message: expect.stringContaining("local, off or") }] }),
		);
		expect(await seen(admin)).toEqual({ state: "synced", addresses: ["10.0.0.0", "10.0.0.1"] });
		controlPlane.set("web", endpoints);
		expect(await zones()).toEqual(["a", "b"]);
	});

	it("keeps what was set when it is to be set to something that cannot be", async () => {
		await using controlPlane = create();
		controlPlane.set("web", ["10.0.0.1:80"]);
		const { admin } = await controlPlane.start();
		expect(() => controlPlane.set("web", ["10.0.0.2:80", "nonsense"])).toThrow(InvalidEndpoints);
		expect(() => controlPlane.set("a b", [])).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }));
		expect(await seen(admin)).toEqual({ state: "synced", addresses: ["10.0.0.1"] });
	});

	it("keeps what was set through a reload, with or without a service of that name", async () => {
		await using controlPlane = create(config({ web: A }));
		controlPlane.set("web", ["10.0.0.1:80"]);
		const { admin } = await controlPlane.start();
		controlPlane.reload(config({ web: A, other: A }));
		controlPlane.reload(config());
		expect(await seen(admin)).toEqual({ state: "synced", addresses: ["10.0.0.1"] });
		expect(controlPlane.counts().services).toBe(2);
	});

	it("lets what is no longer set go after the removal grace", async () => {
		await using controlPlane = create(config({}, { removalGrace: "50ms" }));
		controlPlane.set("web", ["10.0.0.1:80"]);
		const { admin } = await controlPlane.start();
		expect(controlPlane.unset("web")).toBe(true);
		await waitUntil("the service is gone", async () => (await seen(admin)) === undefined);
		expect(controlPlane.unset("web")).toBe(false);
	});

	it("has the config's service again when its own is no longer set", async () => {
		await using controlPlane = create(config({ web: A }));
		controlPlane.set("web", ["10.0.0.1:80"]);
		const { admin } = await controlPlane.start();
		expect(provider.started(A)).toBe(0);
		controlPlane.unset("web");
		expect(provider.running(A)).toBe(1);
		provider.answer(A, 9);
		await waitUntil("the config's endpoints are there", async () => (await seen(admin))?.addresses[0] === "10.0.0.9");
	});

	it("watches nothing of the config before the start", async () => {
		await using controlPlane = create(config({ web: A }));
		controlPlane.set("web", ["10.0.0.1:80"]);
		controlPlane.unset("web");
		controlPlane.reload(config({ web: A }, { syncDeadline: "1s" }));
		expect(provider.started(A)).toBe(0);
		const starting = controlPlane.start();
		provider.answer(A, 9);
		const { admin } = await starting;
		await waitUntil("the config's endpoints are there", async () => (await seen(admin))?.addresses[0] === "10.0.0.9");
	});

	it("resolves host names that were set before the start by the providers of the config", async () => {
		const dns = new FakeProvider();
		provider.registry.register("dns", dns);
		const providers = { dns: { servers: ["127.0.0.1:1"] } };
		await using controlPlane = create(config({}, { providers }));
		controlPlane.set("web", ["10.0.0.1:80", "web.internal:80"]);
		await waitUntil("the name is watched", () => dns.running("dns:///web.internal:80") === 1);
		await controlPlane.start();
		expect(dns.running("dns:///web.internal:80")).toBe(0);
	});

	it("gives the same when it is started again, and goes on", async () => {
		await using controlPlane = create();
		controlPlane.set("web", ["10.0.0.1:80"]);
		const first = await controlPlane.start();
		expect(await controlPlane.start()).toEqual(first);
		expect(await seen(first.admin)).toMatchObject({ state: "synced" });
	});

	it("refuses everything after its stop", async () => {
		const controlPlane = create(config({ web: A }));
		controlPlane.set("web", ["10.0.0.1:80"]);
		await controlPlane.stop();
		const closed = expect.objectContaining({ code: "CLOSED" });
		expect(() => controlPlane.set("web", [])).toThrow(closed);
		expect(() => controlPlane.unset("web")).toThrow(closed);
		expect(() => controlPlane.reload(config({ web: A }))).toThrow(closed);
		await expect(controlPlane.start()).rejects.toEqual(closed);
		expect(provider.started(A)).toBe(0);
	});
});

describe("a config that a program writes", () => {
	it("is refused with every problem at once", () => {
		const written = config({ web: "nonsense", "a b": A }, { removalGrase: "1s" });
		expect(() => create(written)).toThrow(
			expect.objectContaining({
				code: "INVALID_CONFIG",
				problems: expect.arrayContaining([
					expect.objectContaining({ path: "services.web" }),
					expect.objectContaining({ path: "removalGrase", message: expect.stringContaining("removalGrace") }),
				]),
			}),
		);
	});

	it("keeps the present one when a reload is refused", async () => {
		await using controlPlane = create();
		controlPlane.set("web", ["10.0.0.1:80"]);
		const { admin } = await controlPlane.start();
		expect(() => controlPlane.reload(config({ other: "nope://x" }))).toThrow(/known schemes: .*fake/);
		expect(await seen(admin)).toEqual({ state: "synced", addresses: ["10.0.0.1"] });
	});
});

describe("the defaults of the config", () => {
	/** What Envoys are sent for the Cluster of `web`, of its time to connect. */
	async function connectTimeout(admin: HostPort): Promise<string> {
		const url = `http://127.0.0.1:${admin.port}/api/v1/services/web/resources`;
		return JSON.stringify(await (await fetch(url, { headers: { connection: "close" } })).json());
	}

	it("count for what a program sets, after a reload too; those that do not go with it change nothing", async () => {
		await using controlPlane = create(config({}, { defaults: { connectTimeout: "2s" } }));
		controlPlane.set("web", ["10.0.0.1:80"], { subsets: [["version"]] });
		const { admin } = await controlPlane.start();
		expect(await connectTimeout(admin)).toContain('"connectTimeout":"2s"');
		controlPlane.reload(config({}, { defaults: { connectTimeout: "3s" } }));
		await waitUntil("the new default counts", async () =>
			(await connectTimeout(admin)).includes('"connectTimeout":"3s"'),
		);
		const loadBalancing = { policy: "client_side_weighted_round_robin" };
		expect(() => controlPlane.reload(config({}, { defaults: { connectTimeout: "4s", loadBalancing } }))).toThrow(
			/defaults: service "web" subsets: cannot be had with/,
		);
		expect(await connectTimeout(admin)).toContain('"connectTimeout":"3s"');
		expect(controlPlane.unset("web")).toBe(true);
	});
});
