import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Mode } from "../../lab/envoy-bootstrap.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL, type XdsRequest } from "../../lab/xds-protos.js";

const node = { id: "wire", user_agent_name: "envoy" };

/** A request for these names, as the first of its type. */
function subscribe(mode: Mode, type: keyof typeof TYPE_URL | "", ...names: string[]): XdsRequest {
	const wanted = mode === "sotw" ? { resource_names: names } : { resource_names_subscribe: names };
	return { node, ...wanted, ...(type && { type_url: TYPE_URL[type] }) };
}

describe.each<Mode>(["sotw", "delta"])("on the wire, %s", (mode) => {
	let fingerpost: Fingerpost;
	beforeAll(async () => {
		fingerpost = await Fingerpost.start({
			services: {
				web: {
					connectTimeout: "3s",
					endpoints: [
						{ address: "127.0.0.1:8001", weight: 50, locality: { region: "eu", zone: "eu-1" } },
						{ address: "[::1]:8002", health: "draining", metadata: { version: "v2" }, hostname: "b.internal" },
					],
				},
				empty: { endpoints: [] },
			},
		});
	});
	afterAll(() => fingerpost?.[Symbol.asyncDispose]());
	const open = (service: "ads" | "eds" = "ads") => new XdsStream({ port: fingerpost.xdsPort, mode, service });

	it("gives the endpoints of a service by name (R10, R13, R40)", async () => {
		using stream = open();
		stream.send(subscribe(mode, "eds", "web", "empty"));
		const response = await stream.next("endpoints", ({ typeUrl }) => typeUrl === TYPE_URL.eds);
		expect(response.nonce).not.toBe("");
		const web = response.resources.find(({ name }) => name === "web")?.value;
		const empty = response.resources.find(({ name }) => name === "empty")?.value;
		expect(empty).toMatchObject({ cluster_name: "empty" });
		expect(empty?.endpoints ?? []).toEqual([]);
		const lbEndpoints = ((web?.endpoints ?? []) as { lb_endpoints: object[] }[]).flatMap((group) => group.lb_endpoints);
		expect(lbEndpoints).toHaveLength(2);
		expect(lbEndpoints).toContainEqual(
			expect.objectContaining({
				load_balancing_weight: expect.objectContaining({ value: 50 }),
				endpoint: expect.objectContaining({
					address: { socket_address: expect.objectContaining({ address: "127.0.0.1", port_value: 8001 }) },
				}),
			}),
		);
		expect(lbEndpoints).toContainEqual(
			expect.objectContaining({
				health_status: "DRAINING",
				endpoint: expect.objectContaining({
					hostname: "b.internal",
					address: { socket_address: expect.objectContaining({ address: "::1", port_value: 8002 }) },
				}),
			}),
		);
		expect(web?.endpoints).toContainEqual(
			expect.objectContaining({ locality: expect.objectContaining({ region: "eu", zone: "eu-1" }) }),
		);
	});

	it("gives all clusters to a wildcard, and API listeners and routes by name (R16, R43, G1)", async () => {
		using stream = open();
		stream.send(subscribe(mode, "cds"));
		const clusters = await stream.next("clusters", ({ typeUrl }) => typeUrl === TYPE_URL.cds);
		expect(clusters.resources.map(({ name }) => name).sort()).toEqual(["empty", "web"]);
		expect(clusters.resources.find(({ name }) => name === "web")?.value).toMatchObject({
			type: "EDS",
			connect_timeout: { seconds: 3 },
		});
		stream.send(subscribe(mode, "lds", "web"));
		const listeners = await stream.next("a listener", ({ typeUrl }) => typeUrl === TYPE_URL.lds);
		expect(listeners.resources.map(({ name }) => name)).toEqual(["web"]);
		expect(listeners.resources[0]?.value.api_listener).toBeDefined();
		stream.send(subscribe(mode, "rds", "web"));
		const routes = await stream.next("routes", ({ typeUrl }) => typeUrl === TYPE_URL.rds);
		expect(routes.resources.map(({ name }) => name)).toEqual(["web"]);
	});

	it("leaves API listeners out of a wildcard (R43, R19)", async () => {
		using stream = open();
		stream.send(subscribe(mode, "lds"));
		const response = await stream.next("listeners", ({ typeUrl }) => typeUrl === TYPE_URL.lds);
		expect(response.resources).toEqual([]);
	});

	it("ends an ADS stream that names no type with INVALID_ARGUMENT (R3)", async () => {
		using stream = open();
		stream.send(subscribe(mode, "", "web"));
		expect(await stream.status).toMatchObject({ code: status.INVALID_ARGUMENT });
	});

	it("ends a stream of the EDS service that asks for another type with INVALID_ARGUMENT (R3)", async () => {
		using stream = open("eds");
		stream.send(subscribe(mode, "cds"));
		expect(await stream.status).toMatchObject({ code: status.INVALID_ARGUMENT });
		expect(stream.responses).toEqual([]);
	});

	it("fills the type in on a stream of the EDS service (R3)", async () => {
		using stream = open("eds");
		stream.send(subscribe(mode, "", "web"));
		const response = await stream.next("endpoints", () => true);
		expect(response.typeUrl).toBe(TYPE_URL.eds);
		expect(response.resources.map(({ name }) => name)).toEqual(["web"]);
	});

	it("ignores a type that it does not know, and goes on with the others (R45)", async () => {
		using stream = open();
		stream.send({ ...subscribe(mode, "eds", "x"), type_url: "type.googleapis.com/lab.Unheard" });
		stream.send(subscribe(mode, "eds", "web"));
		const response = await stream.next("endpoints", ({ typeUrl }) => typeUrl === TYPE_URL.eds);
		expect(response.resources.map(({ name }) => name)).toEqual(["web"]);
		for (const { typeUrl, resources } of stream.responses) {
			if (typeUrl !== TYPE_URL.eds) expect(resources).toEqual([]);
		}
	});

	it("accepts a request of 15 MB (R37)", async () => {
		using stream = open();
		const request = subscribe(mode, "eds", "web");
		stream.send({ ...request, node: { ...node, cluster: "x".repeat(15 << 20) } });
		const response = await stream.next("endpoints", ({ typeUrl }) => typeUrl === TYPE_URL.eds);
		expect(response.resources.map(({ name }) => name)).toEqual(["web"]);
	});

	it("answers for 50,000 names in responses below 4 MiB each (R37)", async () => {
		using stream = open();
		const names = Array.from({ length: 50_000 }, (_, i) => `${"n".repeat(95)}${i}`);
		stream.send(subscribe(mode, "eds", ...names, "web"));
		// The client refuses more than 4 MiB with RESOURCE_EXHAUSTED.
		const answered = new Set<string>();
		for (let seen = 0; answered.size <= names.length; seen++) {
			const { resources, removed } = await stream.next("the rest", (_) => true, seen);
			for (const name of [...resources.map((resource) => resource.name), ...removed]) answered.add(name);
		}
		expect(answered.has("web")).toBe(true);
	});

	it("shows a NACK with the client's text, once, and sends the rejected version no more (R7)", async () => {
		using stream = open();
		stream.send({ ...subscribe(mode, "eds", "web"), node: { ...node, id: "grumbler" } });
		const { nonce, version } = await stream.next("endpoints", () => true);
		const logged = fingerpost.log.length;
		const nack: XdsRequest = {
			type_url: TYPE_URL.eds,
			response_nonce: nonce,
			error_detail: { code: 13, message: "I do not like it" },
			...(mode === "sotw" && { resource_names: ["web"] }),
		};
		stream.send(nack);
		await fingerpost.waitForWarning(/I do not like it/, logged);
		expect(await fingerpost.nacks()).toEqual(["I do not like it"]);
		// What changes elsewhere still comes, and tells that nothing else did before.
		stream.send(subscribe(mode, "cds"));
		await stream.next("clusters", ({ typeUrl }) => typeUrl === TYPE_URL.cds);
		expect(stream.responses.filter(({ typeUrl }) => typeUrl === TYPE_URL.eds)).toHaveLength(1);
		expect(version).not.toBe("");
		expect(fingerpost.log.slice(logged).filter(({ text }) => text.includes("I do not like it"))).toHaveLength(1);
	});
});
