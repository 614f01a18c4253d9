import { once } from "node:events";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { MemoryCgroup } from "../../lab/memory-cgroup.js";
import { frame, RawConnection } from "../../lab/raw-call.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";
import { COSTLY, reconnect, subscribe } from "./attack-requests.js";

const MIB = 1024 * 1024;
/** As deploy/kubernetes/deployment.yaml has it. */
const POD = 512 * MIB;
/** What it may have a minute later, if that is more than half as much again as before. */
const SMALL = 256 * MIB;
const DELTA = "discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

const tried = MemoryCgroup.create(POD);
await tried?.remove();
/** CI runs as root. Elsewhere these are skipped, as nothing would end a process that takes too much. */
const [describePod, why] = tried ? [describe, ""] : [describe.skip, " (left out: memory cgroups cannot be made here)"];

/** Services with 5,000 endpoints: all of them are a response of some 1.5 MB. */
const LARGE_SERVICES = 10;
const MANY = JSON.stringify(Array.from({ length: 5_000 }, (_, i) => `10.1.${i >> 8}.${i & 255}:80`));

interface Attack {
	/** Opens connections, and sends. */
	run(port: number, own: (connection: RawConnection) => RawConnection): Promise<void>;
}

const connect = (port: number) => new RawConnection(port);
const opened = (connection: RawConnection, headers = {}) => connection.open(DELTA, headers).read();

const ATTACKS: Readonly<Record<string, Attack>> = {
	"16 messages of 16 MiB that do not end": {
		async run(port, own) {
			for (let i = 0; i < 16; i++) opened(own(connect(port))).sendBytes(frame(Buffer.alloc(15 * MIB), 0, 16 * MIB));
		},
	},
	"1,000 messages of 100 kB that do not end": {
		async run(port, own) {
			const connection = own(connect(port));
			for (let i = 0; i < 1_000; i++) opened(connection).sendBytes(frame(Buffer.alloc(1_000), 0, 100_000));
		},
	},
	"six times 100,000 different names with their versions": {
		async run(port, own) {
			for (let i = 0; i < 6; i++) {
				const call = opened(own(connect(port))).send(reconnect(100_000, `${"n".repeat(60)}-${i}-`));
				const ended = call.status().catch(() => undefined);
				await Promise.race([ended, waitUntil("it is answered", () => call.received > 0)]);
			}
		},
	},
	"large nodes, one after another": {
		async run(port, own) {
			const request = COSTLY["a node with millions of extensions"]?.() as Buffer;
			const connection = own(connect(port));
			for (let i = 0; i < 8; i++) {
				const call = opened(connection).send(request);
				await waitUntil("it is answered", () => call.received > 0);
			}
		},
	},
	"100 requests that are small until they are unpacked": {
		async run(port, own) {
			const bomb = gzipSync(Buffer.alloc(64 * MIB));
			const connection = own(connect(port));
			const calls = Array.from({ length: 100 }, () => opened(connection, { "grpc-encoding": "gzip" }).send(bomb, 1));
			await Promise.all(calls.map((call) => call.status()));
		},
	},
	"streams that want what is large, and read nothing": {
		async run(port, own) {
			for (let i = 0; i < 10; i++) {
				const connection = own(connect(port));
				const calls = Array.from({ length: 100 }, () =>
					connection.open(DELTA).send(subscribe(LARGE_SERVICES, "large-")),
				);
				await Promise.all(calls.map(({ stream }) => once(stream, "response")));
				// They have begun to be answered: what flow control lets through is there.
				await waitUntil("they are being answered", () => calls.every(({ stream }) => stream.readableLength > 0));
			}
		},
	},
	"streams of every service that say nothing": {
		async run(port, own) {
			const methods = [DELTA, "status.v3.ClientStatusDiscoveryService/StreamClientStatus"];
			for (let i = 0; i < 10; i++) {
				const connection = own(connect(port));
				for (let each = 0; each < 500; each++) connection.open(methods[each % 2] as string);
			}
		},
	},
};

describePod(`a pod of 512 MiB${why}`, () => {
	let cgroup: MemoryCgroup | undefined;
	let fingerpost: Fingerpost | undefined;
	afterEach(async () => {
		await fingerpost?.[Symbol.asyncDispose]();
		await cgroup?.remove();
	});

	function residentBytes(): number {
		const text = readFileSync(`/proc/${fingerpost?.pid}/status`, "utf8");
		return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) * 1_024;
	}

	it.each(Object.keys(ATTACKS))("survives %s, and serves, and gets the memory back", async (name) => {
		cgroup = MemoryCgroup.create(POD) as MemoryCgroup;
		fingerpost = await Fingerpost.start({ services: { web: { endpoints: [] } } }, { under: cgroup.under });
		await fingerpost.writeFile("many.json", MANY);
		const large = Array.from({ length: LARGE_SERVICES }, (_, i) => [
			`large-${i}`,
			`file://${fingerpost?.folder}/many.json`,
		]);
		await fingerpost.setServices({ web: { endpoints: [] }, ...Object.fromEntries(large) });
		using good = new XdsStream({ port: fingerpost.xdsPort, mode: "sotw" });
		good.send({ node: { id: "good" }, type_url: TYPE_URL.eds, resource_names: ["web"] });
		await good.next("endpoints", () => true);
		const before = residentBytes();
		const connections: RawConnection[] = [];
		await ATTACKS[name]?.run(fingerpost.xdsPort, (connection) => {
			connections.push(connection);
			return connection;
		});
		const answered = good.responses.length;
		await fingerpost.setServices({ web: { endpoints: ["127.0.0.1:1234"] }, ...Object.fromEntries(large) });
		await good.next("the change", ({ resources }) => JSON.stringify(resources).includes("1234"), answered);
		const peak = residentBytes();
		for (const connection of connections) connection[Symbol.dispose]();
		await waitUntil("the others are gone", async () => (await fingerpost?.clients())?.length === 1);
		const allowed = Math.max(SMALL, 1.5 * before);
		await waitUntil(
			`of ${Math.round(peak / MIB)} MiB no more is left than ${Math.round(allowed / MIB)}`,
			() => {
				const left = residentBytes();
				if (left < allowed) return true;
				throw new Error(`${Math.round(left / MIB)} MiB`);
			},
			{ timeout: 60_000 },
		);
		expect(cgroup.wasTooSmall).toBe(false);
	});
});
