import { describe, expect, it } from "vitest";
import { addressOf } from "../../../src/model/endpoint.js";
import { parseTarget } from "../../../src/model/target.js";
import type { Place } from "../../../src/providers/docker/container-address.js";
import { endpointsOfContainers } from "../../../src/providers/docker/container-endpoints.js";
import { ContainerIndex } from "../../../src/providers/docker/container-index.js";
import { type DockerTarget, readDockerTarget } from "../../../src/providers/docker/docker-target.js";
import { readContainers } from "../../../src/providers/docker/engine/container.js";

const LOCAL: Place = { kind: "local" };

/** In the form of an engine. */
function item(
	name: string,
	more: Readonly<Record<string, unknown>> = {},
	networks = { bridge: "172.17.0.2" } as object,
) {
	const addresses = Object.entries(networks).map(([key, IPAddress]) => [key, { IPAddress }]);
	return {
		...{ Id: `id-of-${name}`, Names: [`/${name}`], State: "running", Status: "Up 3 hours", Ports: [], Labels: null },
		NetworkSettings: { Networks: Object.fromEntries(addresses) },
		HostConfig: { NetworkMode: addresses[0]?.[0] ?? "none" },
		...more,
	};
}

function found(items: readonly unknown[], target: string, place: Place = LOCAL) {
	const answer = endpointsOfContainers(
		new ContainerIndex(readContainers(items)),
		readDockerTarget(parseTarget(target)) as DockerTarget,
		place,
	);
	if (answer.failure) return { failure: answer.failure.message };
	const { endpoints, notes } = answer;
	return { endpoints: endpoints.map((e) => `${addressOf(e)} ${e.health} ${e.weight}`), notes };
}

const compose = (service: string, project: string) => ({
	Labels: { "com.docker.compose.service": service, "com.docker.compose.project": project },
});

describe("the containers of a target", () => {
	it("are those of the name, of the compose service, and with the label fingerpost.name", () => {
		const items = [
			item("web", {}, { bridge: "172.17.0.2" }),
			item("shop-web-1", compose("web", "shop"), { mesh: "172.18.0.2" }),
			item("other", { Labels: { "fingerpost.name": "web" } }, { mesh: "172.18.0.3" }),
			item("web2", {}, { mesh: "172.18.0.4" }),
		];
		expect(found(items, "docker:///web:80").endpoints).toEqual([
			"172.18.0.3:80 unknown 100",
			"172.18.0.2:80 unknown 100",
			"172.17.0.2:80 unknown 100",
		]);
	});

	it("are of one project: where several have the service, the target must say which", () => {
		const items = [
			item("shop-web-1", compose("web", "shop"), { a: "172.18.0.2" }),
			item("blog-web-1", compose("web", "blog"), { b: "172.18.0.3" }),
		];
		expect(found(items, "docker:///web:80").failure).toBe(
			'several projects have "web"; name one of blog/web, shop/web',
		);
		expect(found(items, "docker:///shop/web:80").endpoints).toEqual(["172.18.0.2:80 unknown 100"]);
	});

	it("of a Swarm's stack go by the whole name of the service, or by the short one beside the stack", () => {
		const Labels = { "com.docker.stack.namespace": "shop", "com.docker.swarm.service.name": "shop_web" };
		const items = [item("shop_web.1.x", { Labels })];
		for (const target of ["docker:///shop_web:80", "docker:///shop/web:80", "docker:///shop_web.1.x:80"]) {
			expect(found(items, target).endpoints).toHaveLength(1);
		}
		for (const target of ["docker:///web:80", "docker:///blog/web:80"]) {
			expect(found(items, target).endpoints).toEqual([]);
		}
	});

	it("are none that compose has started for one command", () => {
		const { Labels } = compose("web", "shop");
		const oneoff = { Labels: { ...Labels, "com.docker.compose.oneoff": "True" } };
		expect(found([item("shop-web-run-1", oneoff)], "docker:///web:80").endpoints).toEqual([]);
	});

	it.each([
		["Up 3 hours", ["172.17.0.2:80 unknown 100"]],
		["Up 3 hours (healthy)", ["172.17.0.2:80 healthy 100"]],
		["Up 3 hours (unhealthy)", ["172.17.0.2:80 unhealthy 100"]],
		["Up 2 seconds (health: starting)", []],
	])("are as healthy as their own check says: %s", (Status, endpoints) => {
		expect(found([item("web", { Status })], "docker:///web:80").endpoints).toEqual(endpoints);
	});

	it("are left out with the reason while they start, are paused or have no way to them", () => {
		const items = [
			item("a", { ...compose("web", "shop"), Status: "Up 1 second (health: starting)" }),
			item("b", { ...compose("web", "shop"), State: "paused" }),
			item("c", compose("web", "shop"), {}),
		];
		expect(found(items, "docker:///web:80")).toEqual({
			endpoints: [],
			notes: [
				"a is left out: its health check has not passed yet",
				"b is left out: it is paused",
				"c is left out: its port 80 is not published, and no network leads to it from here",
			],
		});
	});

	it("have the weight and the metadata of their labels; a weight that is none is told", () => {
		const labels = { "fingerpost.weight": "30", "fingerpost.metadata.version": "v2", "fingerpost.metadata.": "x" };
		const answer = endpointsOfContainers(
			new ContainerIndex(readContainers([item("web", { Labels: labels })])),
			readDockerTarget(parseTarget("docker:///web:80")) as DockerTarget,
			LOCAL,
		);
		expect(answer).toMatchObject({ endpoints: [{ weight: 30, metadata: { version: "v2" } }], notes: [] });
		expect(found([item("web", { Labels: { "fingerpost.weight": "heavy" } })], "docker:///web:80")).toEqual({
			endpoints: ["172.17.0.2:80 unknown 100"],
			notes: ['web: its label fingerpost.weight must be a whole number from 0 to 65535, not "heavy"; it counts as 100'],
		});
	});
});

describe("the port", () => {
	const port = (PrivatePort: number, Type = "tcp", PublicPort?: number, IP?: string) => ({
		...{ PrivatePort, Type, PublicPort, IP },
	});

	it("is the one that the containers expose, unless the target names one", () => {
		const Ports = [port(8080), port(8080, "tcp", 32_000, "0.0.0.0"), port(53, "udp")];
		expect(found([item("web", { Ports })], "docker:///web").endpoints).toEqual(["172.17.0.2:8080 unknown 100"]);
		expect(found([item("web", { Ports: [port(80), port(443)] })], "docker:///web").failure).toBe(
			"web exposes several ports: 80, 443; name one in the target: NAME:PORT",
		);
		expect(found([item("web")], "docker:///web").failure).toMatch(/^web exposes no TCP port/);
	});

	it("is the published one where no network leads to the container", () => {
		const Ports = [port(80, "tcp", 32_000, "0.0.0.0"), port(81, "tcp", 32_001, "10.0.0.7")];
		const remote: Place = { kind: "remote", host: "engine.internal" };
		expect(found([item("web", { Ports })], "docker:///web:80", remote).endpoints).toEqual([
			"engine.internal:32000 unknown 100",
		]);
		expect(found([item("web", { Ports })], "docker:///web:81", remote).endpoints).toEqual([
			"10.0.0.7:32001 unknown 100",
		]);
		expect(found([item("web", { Ports })], "docker:///web:82", remote).notes).toEqual([
			"web is left out: its port 82 is not published, and no network leads to it from here",
		]);
	});
});

describe("the address", () => {
	const two = { front: "172.19.0.2", back: "172.18.0.2" };

	it("is that in the network of the settings", () => {
		const at = (network: string) => found([item("web", {}, two)], "docker:///web:80", { kind: "network", network });
		expect(at("front").endpoints).toEqual(["172.19.0.2:80 unknown 100"]);
		expect(at("none").notes).toEqual(["web is left out: it has no address in the network none; it is in back, front"]);
	});

	it("is that in a network that Fingerpost's own container shares", () => {
		const inside = (...networks: string[]): Place => ({ kind: "inside", networks });
		expect(found([item("web", {}, two)], "docker:///web:80", inside("front")).endpoints).toEqual([
			"172.19.0.2:80 unknown 100",
		]);
		expect(found([item("web", {}, two)], "docker:///web:80", inside("mesh")).notes).toEqual([
			"web is left out: it shares no network with Fingerpost's container, which is in mesh; it is in back, front",
		]);
	});

	it("is the machine's own for a container on the host's network", () => {
		const host = item("web", { HostConfig: { NetworkMode: "host" } }, { host: "" });
		expect(found([host], "docker:///web:80").endpoints).toEqual(["127.0.0.1:80 unknown 100"]);
		const remote: Place = { kind: "remote", host: "10.0.0.1" };
		expect(found([host], "docker:///web:80", remote).endpoints).toEqual(["10.0.0.1:80 unknown 100"]);
	});

	it("is that of the container whose network it is in", () => {
		const proxy = item("proxy", { Id: "p1" }, { mesh: "172.18.0.7" });
		const web = item("web", { HostConfig: { NetworkMode: "container:p1" } }, {});
		expect(found([proxy, web], "docker:///web:80").endpoints).toEqual(["172.18.0.7:80 unknown 100"]);
	});

	it("is of IPv6 where there is no other", () => {
		const web = item("web", {
			NetworkSettings: { Networks: { six: { IPAddress: "", GlobalIPv6Address: "fd00::2" } } },
		});
		expect(found([web], "docker:///web:80").endpoints).toEqual(["[fd00::2]:80 unknown 100"]);
	});
});
