import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { ServiceNotFound } from "../../../src/util/errors.js";
import { type DockerLab, dockerLab, watching } from "./docker-lab.js";

let lab: DockerLab;

beforeEach(async () => {
	lab = await dockerLab();
});

afterEach(async () => {
	await lab[Symbol.asyncDispose]();
});

const WEB = { name: "web", networks: { bridge: "172.17.0.2" } };
const { signal } = new AbortController();

describe("the docker provider", () => {
	it("tells what runs, and each change once an event tells of it", async () => {
		lab.docker.run(WEB);
		using web = watching(lab.provider(), "docker:///web:80");
		await web.is("172.17.0.2:80");
		lab.docker.run({ ...WEB, networks: { bridge: "172.17.0.3" } });
		await web.is("172.17.0.3:80");
		lab.docker.run();
		await web.is("");
		expect(web.told.details?.notes).toEqual(['no container or service "web" runs']);
	});

	it("has one stream of events and one list for all targets", async () => {
		lab.docker.run(WEB, { name: "api", networks: { bridge: "172.17.0.9" } });
		const provider = lab.provider();
		using web = watching(provider, "docker:///web:80");
		await web.is("172.17.0.2:80");
		using api = watching(provider, "docker:///api:90");
		await api.is("172.17.0.9:90");
		expect(lab.docker.requests).toEqual(["/events", "/info", "/containers/json"]);
	});

	it("lists once for many events at a time", async () => {
		lab.docker.run(WEB);
		using web = watching(lab.provider({}, { timing: { minInterval: 200 } }), "docker:///web:80");
		await web.is("172.17.0.2:80");
		for (let i = 0; i < 100; i++) lab.docker.event();
		lab.docker.run({ ...WEB, networks: { bridge: "172.17.0.3" } });
		await web.is("172.17.0.3:80");
		expect(lab.docker.count("/containers/json")).toBeLessThanOrEqual(3);
	});

	it("sees after a while what no event told of", async () => {
		lab.docker.run(WEB);
		using web = watching(lab.provider({}, { timing: { interval: 50 } }), "docker:///web:80");
		await web.is("172.17.0.2:80");
		lab.docker.replace({ ...WEB, networks: { bridge: "172.17.0.3" } });
		await web.is("172.17.0.3:80");
	});

	it.each([
		["an error", { status: 500 }, /answered 500: said 500/],
		["an end of the connection", { hangUp: true }, /cannot ask unix:.*for \/containers\/json: /],
		["no list", { raw: "{}" }, /list of containers is no list/],
		["no JSON", { raw: "<html>" }, /not JSON/],
		["half a list", { raw: '[{"Names":["/web"]}]' }, /without an Id/],
		["no answer in time", { silent: true }, /no answer within 300ms/],
	])("keeps what it knows through %s, and comes back", async (_, reaction, message) => {
		lab.docker.run(WEB);
		using web = watching(lab.provider({}, { timing: { answer: 300, steady: 0 } }), "docker:///web:80");
		await web.is("172.17.0.2:80");
		lab.docker.react = (path) => (path === "/containers/json" ? reaction : undefined);
		lab.docker.event();
		// The end of a stream that worked is no failure yet: the next attempt is.
		await waitUntil("the failure is told", () => message.test(web.told.all.join("\n")) || lab.docker.event());
		expect(web.told.all).not.toContain("");
		lab.docker.react = () => undefined;
		await web.is("172.17.0.2:80");
	});

	it("does not ask in a tight loop while the engine refuses, nor while it ends every stream", async () => {
		lab.docker.react = () => ({ status: 503 });
		using web = watching(lab.provider({}, { timing: { backoff: [400, 400] } }), "docker:///web:80");
		await web.is(/answered 503/);
		lab.docker.react = (path) => (path === "/events" ? { raw: "" } : undefined);
		const before = lab.docker.requests.length;
		const since = performance.now();
		await waitUntil("it has asked again", () => lab.docker.requests.length > before + 5);
		const attempts = lab.docker.requests.slice(before).filter((path) => path === "/events").length;
		// Full jitter: 200 ms a time in the middle, and never five in no time.
		expect((performance.now() - since) / attempts).toBeGreaterThan(20);
	});

	it("survives a restart of the engine without a failure being told for the stream's end alone", async () => {
		lab.docker.run(WEB);
		using web = watching(lab.provider({}, { timing: { steady: 0 } }), "docker:///web:80");
		await web.is("172.17.0.2:80");
		lab.docker.endEvents();
		await waitUntil("it follows again", () => lab.docker.count("/containers/json") >= 2);
		lab.docker.run({ ...WEB, networks: { bridge: "172.17.0.3" } });
		await web.is("172.17.0.3:80");
		expect(web.told.all.filter((text) => text.startsWith("!"))).toEqual([]);
		await lab.docker.stop();
		await web.is(/^!cannot ask unix:.*no such socket; is the engine running/);
		await lab.docker.listen();
		await web.is("172.17.0.3:80");
	});

	it("frees everything with the last watch, and tells nothing after that", async () => {
		lab.docker.run(WEB);
		const provider = lab.provider();
		{
			using web = watching(provider, "docker:///web:80");
			using again = watching(provider, "docker:///web:80");
			await web.is("172.17.0.2:80");
			await again.is("172.17.0.2:80");
			expect(lab.docker.open).toBe(1);
		}
		await waitUntil("nothing is open", async () => lab.docker.open === 0 && (await lab.docker.connections) === 0);
		const count = lab.docker.requests.length;
		lab.docker.run();
		using later = watching(provider, "docker:///web:80");
		await later.is("");
		// On a busy machine it may have asked for the list again already.
		expect(lab.docker.requests.slice(count, count + 3)).toEqual(["/events", "/info", "/containers/json"]);
	});

	it("looks once", async () => {
		lab.docker.run(WEB);
		const provider = lab.provider();
		expect(await provider.discover(parseTarget("docker:///web:80"), { signal })).toMatchObject([
			{ address: "172.17.0.2", port: 80, health: "unknown", origin: { target: "docker:///web:80", object: "web" } },
		]);
		await expect(provider.discover(parseTarget("docker:///api:80"), { signal })).rejects.toThrow(ServiceNotFound);
		await lab.docker.stop();
		await expect(provider.discover(parseTarget("docker:///web:80"), { signal })).rejects.toMatchObject({
			code: "SOURCE_FAILED",
		});
	});

	it("asks the engine that DOCKER_HOST names, unless the settings name one", async () => {
		lab.docker.run(WEB);
		const environment = { DOCKER_HOST: lab.docker.url };
		using web = watching(lab.provider({ socket: undefined }, { environment }), "docker:///web:80");
		await web.is("172.17.0.2:80");
		using wrong = watching(
			lab.provider({ socket: undefined }, { environment: { DOCKER_HOST: "ssh://there" } }),
			"docker:///web:80",
		);
		await wrong.is(/^!DOCKER_HOST: ssh:\/\/ is not supported/);
	});

	it.each<[string, Record<string, unknown>, string | undefined, NodeJS.Platform, string]>([
		["on the engine's machine, by its socket", {}, undefined, "linux", "172.17.0.2:80"],
		["in a container of the engine, by a shared network", {}, "me", "linux", "172.18.0.2:80"],
		["in a container on the host's network", {}, "host", "linux", "172.17.0.2:80"],
		["in a container of another engine", {}, "none", "linux", "172.17.0.2:80"],
		["where the engine runs in a virtual machine", {}, undefined, "darwin", "127.0.0.1:32000"],
		["with a network in the settings", { network: "front" }, "me", "linux", "172.19.0.2:80"],
	])("finds the address that leads to a container %s", async (_, options, own, platform, address) => {
		lab.docker.run(
			{
				...{ name: "web", networks: { bridge: "172.17.0.2", front: "172.19.0.2", mesh: "172.18.0.2" } },
				ports: [{ IP: "0.0.0.0", PrivatePort: 80, PublicPort: 32_000, Type: "tcp" }],
			},
			{ id: "me", name: "fingerpost", networks: { mesh: "172.18.0.9" } },
			{ id: "host", name: "fingerpost-host", mode: "host", networks: { host: "" }, exposed: [] },
		);
		const provider = lab.provider(options, { ownId: () => own, platform });
		using web = watching(provider, "docker:///web:80");
		await web.is(address);
	});

	it("follows the tasks of a Swarm at its manager, on all nodes", async () => {
		const service = { ID: "s1", Spec: { Name: "shop_web", Labels: { "fingerpost.weight": "50" } }, Endpoint: {} };
		const task = (id: string, address: string, state = "running") => ({
			...{ ID: id, ServiceID: "s1", Slot: 1, Status: { State: state, ContainerStatus: { ContainerID: `c-${id}` } } },
			Spec: { ContainerSpec: { Labels: { "com.docker.stack.namespace": "shop" } } },
			NetworksAttachments: [
				{ Network: { Spec: { Name: "ingress", Ingress: true } }, Addresses: ["10.0.0.3/24"] },
				{ Network: { Spec: { Name: "mesh" } }, Addresses: [`${address}/24`] },
			],
		});
		lab.docker.swarm = { services: [service], tasks: [task("a", "10.1.0.1"), task("b", "10.1.0.2", "starting")] };
		const provider = lab.provider({ network: "mesh" });
		using web = watching(provider, "docker:///shop_web:80");
		using named = watching(provider, "docker:///shop/web:80");
		await web.is("10.1.0.1:80");
		await named.is("10.1.0.1:80");
		expect(web.told.list[0]?.weight).toBe(50);
		lab.docker.swarm = { services: [service], tasks: [task("a", "10.1.0.1"), task("b", "10.1.0.2")] };
		await web.is("10.1.0.1:80 10.1.0.2:80");
	});

	it("does not wait for a stream of events that begins with the first of them only", async () => {
		lab.docker.lateEvents = true;
		lab.docker.run(WEB);
		using web = watching(lab.provider(), "docker:///web:80");
		await web.is("172.17.0.2:80");
		lab.docker.run({ ...WEB, networks: { bridge: "172.17.0.3" } });
		await web.is("172.17.0.3:80");
	});

	it("asks once for the port that a container on the host's network exposes", async () => {
		const host = { name: "web", mode: "host", networks: { host: "" }, exposed: ["8080/tcp", "53/udp"] };
		lab.docker.run(host);
		using web = watching(lab.provider(), "docker:///web");
		await web.is("127.0.0.1:8080");
		lab.docker.run(host, { name: "other" });
		await waitUntil("it is listed again", () => lab.docker.count("/containers/json") >= 2);
		await web.is("127.0.0.1:8080");
		expect(lab.docker.requests.filter((path) => /^\/containers\/[^/]+\/json$/.test(path))).toHaveLength(1);
		lab.docker.react = (path) => (/^\/containers\/.+\/json$/.test(path) ? { status: 403 } : undefined);
		lab.docker.run({ ...host, id: "another" });
		await web.is(/^!web exposes no TCP port that the engine lists; name it/);
	});

	it("works without the rights to more than containers and events", async () => {
		lab.docker.run(WEB);
		lab.docker.react = (path) => (path === "/info" ? { status: 403 } : undefined);
		using web = watching(lab.provider(), "docker:///web:80");
		await web.is("172.17.0.2:80");
	});
});
