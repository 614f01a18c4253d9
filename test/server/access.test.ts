import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { CertificateLab, SPIFFE_ID } from "../../lab/certificate-lab.js";
import { TokenLab } from "../../lab/token-lab.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { Authority } from "../../src/cli/certificates/authority.js";
import { DeltaDiscoveryRequest, DeltaDiscoveryResponse } from "../../src/gen/envoy/service/discovery/v3/discovery.js";
import { ClientStatusRequest, ClientStatusResponse } from "../../src/gen/envoy/service/status/v3/csds.js";
import { AccessLab } from "./access-lab.js";
import { GrpcCaller } from "./grpc-call.js";

const CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
const CSDS = "/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus";
const LISTEN = "127.0.0.1:0";

/** The clusters that a stream of this token is sent first. */
async function clustersOf(stream: XdsStream, from = 0): Promise<string[]> {
	const { resources } = await stream.next("clusters", () => true, from);
	return resources.map((each) => each.name).sort();
}

/** The codes that a delta client is told of these clusters. */
async function errorsOf(port: number, names: readonly string[]): Promise<Record<string, number | undefined>> {
	using caller = new GrpcCaller(port);
	const call = caller.client.makeBidiStreamRequest<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
		"/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
		(request) => Buffer.from(DeltaDiscoveryRequest.encode(request).finish()),
		(bytes) => DeltaDiscoveryResponse.decode(bytes),
	);
	call.on("error", () => {});
	call.write(DeltaDiscoveryRequest.fromPartial({ typeUrl: CDS, resourceNamesSubscribe: [...names] }));
	const response = await new Promise<DeltaDiscoveryResponse>((resolve) => call.once("data", resolve));
	call.cancel();
	return Object.fromEntries(
		response.resourceErrors.map(({ resourceName, errorDetail }) => [resourceName?.name, errorDetail?.code]),
	);
}

const SHOP = { identity: "token:shop-*", services: ["shop/*"] };
const bearer = (token: string) => `Bearer ${token}`;

describe("who brings a token", () => {
	it("is its subject, and sees what the first rule that fits says; whom none fits sees nothing", async () => {
		await using issuer = await TokenLab.create();
		const access = [SHOP, { identity: "token:*", services: ["shop/*", "bank"], node: { cluster: "b*" } }];
		await using lab = await AccessLab.start({ insecure: true, tokens: issuer.settings, access });
		for (const [subject, cluster, expected] of [
			["shop-1", "b", ["shop/cart", "shop/web"]],
			["other", "bank", ["bank", "shop/cart", "shop/web"]],
			["other", "c", []],
		] as const) {
			using stream = new XdsStream({ port: lab.port, authorization: bearer(await issuer.token(subject)) });
			stream.send({ node: { id: "n", cluster }, type_url: CDS });
			expect(await clustersOf(stream)).toEqual(expected);
			const clients = await (await fetch(`http://127.0.0.1:${lab.admin}/api/v1/clients`)).text();
			expect(clients).toContain(`"identity":"token:${subject}"`);
			const rule = subject === "shop-1" ? 0 : cluster === "bank" ? 1 : null;
			expect(clients).toContain(`"access":{"rule":${rule},`);
		}
	});

	it("gets in by none that does not count, by gRPC and REST, and that is told once with the reason", async () => {
		await using issuer = await TokenLab.create();
		await using lab = await AccessLab.start({ insecure: true, tokens: issuer.settings });
		const stranger = await TokenLab.newKey("first");
		const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from('{"sub":"a"}').toString("base64url")}.`;
		const cases = [
			[undefined, "it brings neither a certificate nor a token"],
			["Basic abc", "its authorization is no bearer token"],
			[bearer("x".repeat(9_000)), "its token has more than 8192 characters"],
			[bearer("abc"), "its token is no JSON Web Token"],
			[bearer(none), "its token is signed in a way that does not count (alg)"],
			[bearer(await issuer.token("a", { key: stranger })), "the signature of its token is wrong"],
			[
				bearer(await issuer.token("a", { issuer: "https://other.test" })),
				"its token is not of the issuer https://issuer.test",
			],
			[bearer(await issuer.token("a", { audience: "other" })), "its token is not for the audience fingerpost"],
			[bearer(await issuer.token("a", { expiresIn: -60 })), "its token has expired"],
			[bearer(await issuer.token("\u0007")), "the subject of its token is empty, too long or no plain text"],
		] as const;
		for (const [authorization, reason] of cases) {
			for (const _ of [1, 2]) {
				using stream = new XdsStream({ port: lab.port, ...(authorization && { authorization }) });
				const { code, details } = await stream.status;
				expect([code, decodeURI(details)]).toEqual([16, reason]);
			}
			expect(await lab.poll(["bank"], authorization)).toMatchObject({
				status: 401,
				text: expect.stringContaining(reason),
			});
		}
		const told = lab.lines.filter(({ msg }) => msg === "client refused: it has not proved who it is");
		expect(told.map(({ error }) => error)).toEqual(cases.map(([, reason]) => reason));
		const metrics = await (await fetch(`http://127.0.0.1:${lab.admin}/metrics`)).text();
		expect(metrics).toContain(`fingerpost_unauthenticated_total ${cases.length * 3}`);
	});

	it("is let in by the next key from the moment that it is published, and by no old one that is gone", async () => {
		await using issuer = await TokenLab.create();
		await using lab = await AccessLab.start({ insecure: true, tokens: issuer.settings });
		const old = bearer(await issuer.token("a"));
		const key = await TokenLab.newKey("second", "RS256");
		const next = bearer(await issuer.token("a", { key }));
		const codes = async () => [(await lab.poll(["bank"], old)).status, (await lab.poll(["bank"], next)).status];
		expect(await codes()).toEqual([200, 401]);
		await issuer.publish([issuer.key, key]);
		await waitUntil("both count", async () => String(await codes()) === "200,200");
		await issuer.publish([key]);
		await waitUntil("only the next one counts", async () => String(await codes()) === "401,200");
		await issuer.put("keys.json", "{");
		await waitUntil("it is told", () => lab.has("the keys for tokens cannot be read; those that counted still do"));
		expect(await codes()).toEqual([401, 200]);
	});

	it("loses its stream when the token has ended, and not before", async () => {
		await using issuer = await TokenLab.create();
		await using lab = await AccessLab.start({ insecure: true, tokens: issuer.settings });
		// With the leeway of 30 s there are 2 s left.
		const ends = Date.now() + 2_000;
		using stream = new XdsStream({
			port: lab.port,
			authorization: bearer(await issuer.token("a", { expiresIn: -28 })),
		});
		stream.send({ node: { id: "n" }, type_url: CDS });
		await clustersOf(stream);
		const { code, details } = await stream.status;
		expect([code, details]).toEqual([16, "the client's token has expired; come with the next one"]);
		// `exp` is in whole seconds.
		expect(Date.now()).toBeGreaterThanOrEqual(ends - 1_000);
	});

	it("counts before its certificate; with clientCa a client brings either, and a bad certificate is refused", async () => {
		await using issuer = await TokenLab.create();
		await using pki = await CertificateLab.create();
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
		const also = [{ listen: LISTEN, identity: "local" }];
		await using lab = await AccessLab.start({ tls, tokens: issuer.settings, also });
		const authorization = bearer(await issuer.token("a"));
		const cases = [
			[{ channel: pki.channel() }, SPIFFE_ID],
			[{ channel: pki.channel(null), authorization }, "token:a"],
			[{ channel: pki.channel(), authorization }, "token:a"],
		] as const;
		for (const [options, identity] of cases) {
			using stream = new XdsStream({ port: lab.port, ...options });
			stream.send({ node: { id: "n" }, type_url: CDS });
			await clustersOf(stream);
			expect(lab.lines.findLast(({ msg }) => msg === "client connected")?.identity).toBe(identity);
		}
		const refused = async (options: Partial<ConstructorParameters<typeof XdsStream>[0]>) => {
			using stream = new XdsStream({ port: lab.port, ...options });
			stream.send({ node: { id: "n" }, type_url: CDS });
			return (await stream.status).code;
		};
		expect(await refused({ channel: pki.channel(null) })).toBe(16);
		const other = await (await Authority.create("other")).issue({ commonName: "c", names: ["c"], usage: "client" });
		expect(await refused({ channel: pki.channel(other), authorization })).toBe(14);
		// In clear, where a token would be read along.
		expect(await refused({ port: lab.also, authorization })).toBe(16);
		expect(lab.has("client refused: it has not proved who it is", "it brings its token in clear")).toBe(true);
		using local = new XdsStream({ port: lab.also });
		local.send({ node: { id: "n" }, type_url: CDS });
		expect(await clustersOf(local)).toHaveLength(3);
	});
});

describe("who brings a certificate", () => {
	it("loses its stream when its CA goes, and keeps it while another one comes", async () => {
		await using pki = await CertificateLab.create();
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
		await using lab = await AccessLab.start({ tls });
		using stream = new XdsStream({ port: lab.port, channel: pki.channel() });
		stream.send({ node: { id: "n" }, type_url: CDS });
		await clustersOf(stream);
		const other = await Authority.create("other");
		const taken = (count: number) => () =>
			lab.lines.filter(({ msg }) => msg === "new TLS files are in use").length === count;
		await pki.put("ca.crt", `${pki.authority.cert}\n${other.cert}`);
		await waitUntil("both count", taken(1));
		expect(await Promise.race([stream.status, delay(200, "open")])).toBe("open");
		await pki.put("ca.crt", other.cert);
		const { code, details } = await stream.status;
		expect([code, details]).toEqual([16, "the CA of the client's certificate does not count any more"]);
	});
});

describe("a change of rules", () => {
	it("takes back and gives at once, without the grace, to open streams of both variants", async () => {
		await using issuer = await TokenLab.create();
		const all = [{ identity: "token:*", services: ["*"] }];
		await using lab = await AccessLab.start({ insecure: true, tokens: issuer.settings, access: all });
		const authorization = bearer(await issuer.token("shop-1"));
		using sotw = new XdsStream({ port: lab.port, authorization });
		using delta = new XdsStream({ port: lab.port, mode: "delta", authorization });
		sotw.send({ node: { id: "n" }, type_url: CDS });
		expect(await clustersOf(sotw)).toEqual(["bank", "shop/cart", "shop/web"]);
		sotw.send({ type_url: EDS, resource_names: ["bank"] });
		await sotw.next("the endpoints", ({ typeUrl }) => typeUrl === EDS);
		delta.send({ node: { id: "n" }, type_url: CDS, resource_names_subscribe: ["*"] });
		await delta.next("the clusters", () => true);

		let [before, deltaBefore] = [sotw.responses.length, delta.responses.length];
		lab.rules({ access: [SHOP] });
		const clusters = await sotw.next("the rest", ({ typeUrl }) => typeUrl === CDS, before);
		expect(clusters.resources).toHaveLength(2);
		const emptied = await sotw.next("no endpoints", ({ typeUrl }) => typeUrl === EDS, before);
		expect(JSON.stringify(emptied.resources)).not.toContain("127.0.0.1");
		expect(JSON.stringify(sotw.responses.slice(before))).not.toContain(":83");
		expect(await delta.next("it goes", () => true, deltaBefore)).toMatchObject({ resources: [], removed: ["bank"] });

		[before, deltaBefore] = [sotw.responses.length, delta.responses.length];
		lab.rules({ access: all });
		expect((await sotw.next("all", ({ typeUrl }) => typeUrl === CDS, before)).resources).toHaveLength(3);
		const back = await sotw.next("the endpoints", ({ typeUrl }) => typeUrl === EDS, before);
		expect(JSON.stringify(back.resources)).toContain("127.0.0.1");
		expect((await delta.next("it comes", () => true, deltaBefore)).resources).toHaveLength(1);
	});

	it("counts for polls by REST, and for what is said of names that are not for the client", async () => {
		await using lab = await AccessLab.start({ access: [{ identity: "*", services: ["shop/*"] }] });
		expect((await lab.poll(["bank", "shop/web"])).text).toMatch(/^(?!.*"portValue":83).*"portValue":81/);
		expect(await errorsOf(lab.port, ["bank", "none"])).toEqual({ bank: 5, none: 5 });
		await waitUntil("the operator is told", () =>
			lab.lines.some(
				({ msg, name }) => msg === "client asks for a service that no rule lets it see" && name === "bank",
			),
		);
		lab.rules({ access: [{ identity: "*", services: ["shop/*"] }], denied: "told" });
		expect(await errorsOf(lab.port, ["bank", "none", "shop/none"])).toEqual({ bank: 7, none: 7, "shop/none": 5 });
	});
});

describe("client status and reflection", () => {
	it("show what the rules let the one who asks see, and are for whom xds.debug names", async () => {
		await using lab = await AccessLab.start({});
		using stream = new XdsStream({ port: lab.port });
		stream.send({ node: { id: "n", metadata: { secret: "m" } }, type_url: EDS, resource_names: ["bank", "shop/web"] });
		await stream.next("the endpoints", () => true);
		using caller = new GrpcCaller(lab.port);
		const ask = () =>
			caller.unary(CSDS, [ClientStatusRequest, ClientStatusResponse], ClientStatusRequest.fromPartial({}));
		const shown = async () => {
			const bytes = Buffer.from(ClientStatusResponse.encode(await ask()).finish());
			return bytes.toString("latin1");
		};
		expect(await shown()).toMatch(/bank.*shop\/web|shop\/web.*bank/s);
		lab.rules({ access: [{ identity: "*", services: ["shop/*"] }] });
		expect(await shown()).not.toMatch(/bank|secret/);
		expect(await shown()).toContain("shop/web");
		lab.rules({ access: [] });
		expect(await ask()).toMatchObject({ config: [] });
		lab.rules({ debug: "off" });
		await expect(ask()).rejects.toMatchObject({ code: 7, details: "xds.debug is off" });
		lab.rules({ debug: ["spiffe://ops/*"] });
		await expect(ask()).rejects.toMatchObject({ code: 7 });
	});
});
