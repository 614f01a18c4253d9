import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { dockerKind } from "../../../src/providers/docker/docker-kind.js";
import { RegistryTold } from "../registry-told.js";
import { type DockerLab, dockerLab, watching } from "./docker-lab.js";

let lab: DockerLab;

beforeEach(async () => {
	lab = await dockerLab();
});
afterEach(() => lab[Symbol.asyncDispose]());

const WEB = { name: "web", networks: { bridge: "172.17.0.2" } };
const inProject = (project: string, service: string, address: string) => ({
	name: `${project}-${service}-1`,
	networks: { bridge: address },
	labels: { "com.docker.compose.project": project, "com.docker.compose.service": service },
});

it("reads what stands for all services", () => {
	const problem = (text: string) => dockerKind.checkAll?.(parseTarget(text));
	for (const text of ["docker:///*", "docker:///*:8080", "docker:///shop/*:80"]) expect(problem(text)).toBeUndefined();
	expect(problem("docker:///web:80")).toContain("it names one service; expected docker:///*:PORT");
	expect(dockerKind.check(parseTarget("docker:///*:80"))).toContain('"*" is');
});

describe("all services among the containers", () => {
	it("are told with targets that find them, and those of a project alone", async () => {
		lab.docker.run(WEB, inProject("shop", "cart", "172.17.0.3"), inProject("blog", "cart", "172.17.0.4"));
		const provider = lab.provider();
		using all = new RegistryTold(provider, "docker:///*:80");
		await all.until("docker:///blog/cart:80", "docker:///shop/cart:80", "docker:///web:80");
		expect(all.lists.at(-1)).toContainEqual({
			...{ service: "cart", namespace: "shop", port: "80", target: "docker:///shop/cart:80" },
		});
		using shop = new RegistryTold(provider, "docker:///shop/*:80");
		await shop.until("docker:///shop/cart:80");
		using cart = watching(provider, "docker:///shop/cart:80");
		await cart.is("172.17.0.3:80");
		// All of them together have one stream of events; the list may be confirmed meanwhile.
		expect(lab.docker.requests.filter((path) => path === "/events")).toHaveLength(1);
		expect(new Set(lab.docker.requests)).toEqual(new Set(["/events", "/info", "/containers/json"]));
		lab.docker.run(inProject("blog", "cart", "172.17.0.4"));
		await all.until("docker:///blog/cart:80");
		await shop.until();
		expect([...all.errors, ...shop.errors]).toEqual([]);
	});

	it("have one port, or it is named: the others are notes", async () => {
		const ports = (...numbers: number[]) => ({ ports: numbers.map((n) => ({ PrivatePort: n, Type: "tcp" })) });
		lab.docker.run({ ...WEB, ...ports(80) }, { ...WEB, name: "two", ...ports(90, 80) }, { ...WEB, name: "none" });
		using all = new RegistryTold(lab.provider(), "docker:///*");
		await all.until("docker:///web");
		expect(all.notes).toEqual([
			"none is left out: it exposes no TCP port that the engine lists",
			"two is left out: it exposes several ports: 80, 90; name one in the target",
		]);
	});

	it("stay while the engine fails, and all is freed at the end", async () => {
		lab.docker.run(WEB);
		const all = new RegistryTold(lab.provider(), "docker:///*:80");
		await all.until("docker:///web:80");
		await lab.docker[Symbol.asyncDispose]();
		await waitUntil("it fails", () => all.errors.length > 0);
		expect(all.targets).toBe("docker:///web:80");
		all[Symbol.dispose]();
		const told = all.errors.length;
		await new Promise((resolve) => setTimeout(resolve, 300));
		expect(all.errors.length).toBe(told);
	});
});
