import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { RawConnection } from "../../lab/raw-call.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";
import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../src/gen/envoy/service/discovery/v3/discovery.js";
import { ClientStatusRequest } from "../../src/gen/envoy/service/status/v3/csds.js";
import { mutated, randomOf } from "./mutate.js";

/** `npm run fuzz` takes longer. FUZZ_SEED plays a run again. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 10);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
/** Messages of a round, after which it is looked whether the server is as it was. */
const ROUND = 200;

const NODE = {
	id: "fuzz",
	cluster: "c",
	userAgentName: "envoy",
	userAgentBuildVersion: { version: { majorNumber: 1, minorNumber: 36, patch: 2 } },
	metadata: { role: "edge", ports: [1, 2], deep: { a: { b: null } } },
	locality: { region: "r", zone: "z", subZone: "s" },
	clientFeatures: ["envoy.lb.does_not_support_overprovisioning", "xds.config.resource-in-sotw"],
	extensions: [{ name: "envoy.filters.http.router", category: "envoy.filters.http", typeUrls: ["a", "b"] }],
};
const ERROR = { code: 13, message: "web: no" };
const TYPES = [TYPE_URL.cds, TYPE_URL.eds, TYPE_URL.lds, TYPE_URL.rds];

/** What clients send, by method. */
const REQUESTS: Readonly<Record<string, readonly Uint8Array[]>> = {
	"discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources": TYPES.flatMap((typeUrl) => [
		DiscoveryRequest.encode(DiscoveryRequest.fromPartial({ typeUrl, node: NODE })).finish(),
		DiscoveryRequest.encode(
			DiscoveryRequest.fromPartial({ typeUrl, node: NODE, resourceNames: ["web", "*"] }),
		).finish(),
		DiscoveryRequest.encode(
			DiscoveryRequest.fromPartial({ typeUrl, responseNonce: "1", versionInfo: "a", errorDetail: ERROR }),
		).finish(),
	]),
	"discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources": TYPES.flatMap((typeUrl) => [
		DeltaDiscoveryRequest.encode(
			DeltaDiscoveryRequest.fromPartial({
				typeUrl,
				node: NODE,
				resourceNamesSubscribe: ["web", "gone"],
				initialResourceVersions: { web: "1", gone: "2" },
			}),
		).finish(),
		DeltaDiscoveryRequest.encode(
			DeltaDiscoveryRequest.fromPartial({
				typeUrl,
				responseNonce: "1",
				resourceNamesUnsubscribe: ["web", "*"],
				errorDetail: ERROR,
			}),
		).finish(),
	]),
	"status.v3.ClientStatusDiscoveryService/StreamClientStatus": [
		ClientStatusRequest.encode(
			ClientStatusRequest.fromPartial({
				node: NODE,
				nodeMatchers: [{ nodeId: { safeRegex: { regex: "(a|b)*.x" } } }, { nodeId: { prefix: "f", ignoreCase: true } }],
			}),
		).finish(),
	],
};

describe(`requests that were changed at random, seed ${SEED}`, () => {
	let fingerpost: Fingerpost;
	let good: XdsStream;
	beforeAll(async () => {
		fingerpost = await Fingerpost.start({ services: { web: { endpoints: [] } } });
		good = new XdsStream({ port: fingerpost.xdsPort, mode: "sotw" });
		good.send({ node: { id: "good" }, type_url: TYPE_URL.eds, resource_names: ["web"] });
		await good.next("endpoints", () => true);
	});
	afterAll(async () => {
		good?.[Symbol.dispose]();
		await fingerpost?.[Symbol.asyncDispose]();
	});

	it(`for ${SECONDS} s leave the server as it was, and its clients served`, async () => {
		const random = randomOf(SEED);
		const end = performance.now() + SECONDS * 1_000;
		const methods = Object.keys(REQUESTS);
		for (let round = 1; performance.now() < end; round++) {
			using connection = new RawConnection(fingerpost.xdsPort);
			for (let sent = 0; sent < ROUND; ) {
				const method = methods[random(methods.length)] as string;
				const requests = REQUESTS[method] as readonly Uint8Array[];
				const call = connection.open(method).read();
				for (let left = 1 + random(6); left > 0; left--, sent++) {
					// Now and then the flag or the length of the message is wrong, too.
					const bytes = mutated(requests[random(requests.length)] as Uint8Array, random);
					if (random(20) === 0) call.sendBytes(bytes);
					else call.send(bytes, random(30) === 0 ? 1 : 0);
				}
				if (random(3) === 0) call.stream.end();
			}
			const before = good.responses.length;
			const port = 1_000 + (round % 60_000);
			await fingerpost.setServices({ web: { endpoints: [`127.0.0.1:${port}`] } });
			await good.next("the change", ({ resources }) => JSON.stringify(resources).includes(`:${port}`), before);
			connection[Symbol.dispose]();
			await waitUntil("no stream is left", async () => (await fingerpost.clients()).length === 1);
		}
		expect(fingerpost.log.filter(({ level }) => level === "error")).toEqual([]);
	});
});
