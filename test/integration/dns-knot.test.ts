import { afterAll, beforeAll, expect, it } from "vitest";
import { BROKEN_ZONE, describeKnot, Knot, ZONE } from "../../lab/knot.js";
import { waitUntil } from "../../lab/wait-until.js";
import { addressOf } from "../../src/model/endpoint.js";
import { parseTarget } from "../../src/model/target.js";
import { askUdp } from "../../src/providers/dns/client/ask-udp.js";
import { encodeQuery, readReply } from "../../src/providers/dns/client/message.js";
import { ServiceNotFound } from "../../src/util/errors.js";
import { dnsProvider, type Watched, watching } from "../providers/dns/told.js";

const { signal } = new AbortController();

const RECORDS = [
	"a 1 A 127.0.0.11",
	"a 1 A 127.0.0.12",
	"a 1 AAAA ::1",
	"six 1 AAAA ::1",
	"text 1 TXT hello",
	"chain 1 CNAME chain2",
	"chain2 1 CNAME a",
	`dangling 1 CNAME nowhere.${ZONE}.`,
	"outside 1 CNAME name.elsewhere.test.",
	"_grpc._tcp.shop 1 SRV 10 60 8081 n1",
	"_grpc._tcp.shop 1 SRV 10 20 8082 n2",
	"_grpc._tcp.shop 1 SRV 20 0 8083 n3",
	"n1 1 A 127.0.0.21",
	"n2 1 A 127.0.0.22",
	"n3 1 AAAA ::1",
	...Array.from(
		{ length: 40 },
		(_, i) => `_grpc._tcp.forty 1 SRV 1 ${i + 1} ${9_000 + i} a-host-with-a-long-name-${i}`,
	),
	...Array.from({ length: 40 }, (_, i) => `a-host-with-a-long-name-${i} 1 A 127.0.1.${i + 1}`),
];

describeKnot("the DNS provider with a real server", () => {
	let knot: Knot;

	beforeAll(async () => {
		knot = await Knot.start(...RECORDS);
	});

	afterAll(async () => {
		await knot[Symbol.asyncDispose]();
	});

	function provider(options: Readonly<Record<string, unknown>> = {}) {
		return dnsProvider({ servers: [knot.address], minInterval: "1s", timeout: "5s", ...options });
	}

	async function discover(text: string, options: Readonly<Record<string, unknown>> = {}): Promise<string[]> {
		const list = await provider(options).discover(parseTarget(text), { signal });
		return list.map((e) => `${addressOf(e)} ${e.weight}@${e.priority} ${e.hostname}`);
	}

	/** Until it is told, at the latest some intervals later. */
	function told(watched: Watched, expected: string): Promise<unknown> {
		return waitUntil(`it is told ${expected}`, () => watched.told.last === expected);
	}

	it.each([
		["a", {}, ["127.0.0.11", "127.0.0.12"]],
		["a", { addressFamily: "prefer-ipv6" }, ["[::1]"]],
		["a", { addressFamily: "both" }, ["127.0.0.11", "127.0.0.12", "[::1]"]],
		["six", {}, ["[::1]"]],
		["chain", {}, ["127.0.0.11", "127.0.0.12"]],
	])("finds %s with %j", async (name, options, addresses) => {
		const expected = addresses.map((address) => `${address}:80 100@0 ${name}.${ZONE}`);
		expect(await discover(`dns:///${name}.${ZONE}:80`, options)).toEqual(expected);
		expect(await discover(`dns://${knot.address6}/${name}.${ZONE}:80`, { servers: undefined, ...options })).toEqual(
			expected,
		);
	});

	it("finds SRV records with their weights and priorities", async () => {
		expect(await discover(`dns:///shop.${ZONE}`)).toEqual([
			`127.0.0.21:8081 60@0 n1.${ZONE}`,
			`127.0.0.22:8082 20@0 n2.${ZONE}`,
			`[::1]:8083 100@1 n3.${ZONE}`,
		]);
	});

	it("finds 40 SRV records, which no datagram holds", async () => {
		const question = { name: `_grpc._tcp.forty.${ZONE}`, type: "SRV" } as const;
		const server = { host: "127.0.0.1", port: knot.port };
		const datagram = await askUdp(server, encodeQuery(1, question, { edns: true }), signal);
		expect(readReply(datagram, 1, question)?.truncated).toBe(true);
		const list = await discover(`dns:///forty.${ZONE}`);
		expect(list).toHaveLength(40);
		expect(list[0]).toBe(`127.0.1.40:9039 40@0 a-host-with-a-long-name-39.${ZONE}`);
	});

	it.each(["none", "text", "dangling"])("says of %s that it is not there", async (name) => {
		await expect(discover(`dns:///${name}.${ZONE}:80`)).rejects.toThrow(ServiceNotFound);
		await expect(discover(`dns:///${name}.${ZONE}`)).rejects.toThrow(ServiceNotFound);
	});

	it("tells a refusal, a broken zone and a missing port from what is not there", async () => {
		const from = knot.address;
		await expect(discover("dns:///other.zone:80")).rejects.toThrow(`other.zone A: REFUSED from ${from}`);
		await expect(discover(`dns:///outside.${ZONE}:80`)).rejects.toThrow(`name.elsewhere.test A: REFUSED from ${from}`);
		await expect(discover(`dns:///a.${BROKEN_ZONE}:80`)).rejects.toThrow(`a.${BROKEN_ZONE} A: SERVFAIL from ${from}`);
		await expect(discover(`dns:///a.${ZONE}`)).rejects.toThrow(`write dns:///a.${ZONE}:PORT`);
	});

	it("follows a zone that changes, SRV and addresses, and empties what is gone for long", async () => {
		const it = provider({ emptyAnswers: 2, emptyAfter: "1s" });
		using web = watching(it, `dns:///live.${ZONE}:80`);
		using srv = watching(it, `dns:///live.${ZONE}`);
		await told(web, "");
		await told(srv, "");
		await knot.change("set live 1 A 127.0.0.31", "set _grpc._tcp.live 1 SRV 1 5 81 n1");
		await told(web, "127.0.0.31:80");
		await told(srv, "127.0.0.21:81");
		expect(srv.told.list.map(({ weight }) => weight)).toEqual([5]);
		await knot.change("set live 1 A 127.0.0.32", "unset live A 127.0.0.31", "set _grpc._tcp.live 1 SRV 0 5 82 n2");
		await told(web, "127.0.0.32:80");
		await told(srv, "127.0.0.22:82 127.0.0.21:81");
		await knot.change("unset live", "unset _grpc._tcp.live");
		await told(web, "");
		await told(srv, "");
		for (const { told } of [web, srv]) {
			expect(told.all.some((text) => /^!.*the endpoints that it had stay until 2 answers/.test(text))).toBe(true);
		}
	});

	it("keeps what it knows while the server is down or silent, and takes what it says when it is back", async () => {
		await using own = await Knot.start("web 1 A 127.0.0.41");
		using watched = watching(provider({ servers: [own.address] }), `dns:///web.${ZONE}:80`);
		await told(watched, "127.0.0.41:80");
		await own.stop();
		await waitUntil("the failure is told", () => watched.told.last?.startsWith(`!web.${ZONE} A: ECONNREFUSED`));
		await own.resume("web 1 A 127.0.0.42");
		await told(watched, "127.0.0.42:80");
		own.pause();
		await waitUntil("the silence is told", () => watched.told.last?.startsWith(`!web.${ZONE} A: no answer in time`));
		expect(watched.told.list.map(addressOf)).toEqual(["127.0.0.42:80"]);
		own.continue();
		await told(watched, "127.0.0.42:80");
		expect(watched.told.all).not.toContain("");
	});

	it("asks the next server where one is down", async () => {
		await using own = await Knot.start();
		await own.stop();
		const servers = [own.address, knot.address];
		expect(await discover(`dns:///six.${ZONE}:80`, { servers })).toEqual([`[::1]:80 100@0 six.${ZONE}`]);
	});

	it("leaves no socket and no timer behind", async () => {
		const it = provider();
		const all = [`a.${ZONE}:80`, `shop.${ZONE}`, `forty.${ZONE}`].map((name) => watching(it, `dns:///${name}`));
		await waitUntil("all are told", () => all.every((each) => each.told.all.length > 0));
		for (const each of all) it.refresh(each.target);
		for (const each of all) each.abort();
		await waitUntil(
			"all sockets are closed",
			() => process.getActiveResourcesInfo().filter((name) => /UDP|TCP/.test(name)).length === 0,
		);
	});
});
