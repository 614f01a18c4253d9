import { describe, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { ControlPlane } from "../../src/app/control-plane.js";
import { resourceType } from "../../src/resources/resource-types.js";

const EDS = resourceType("eds").url;

function config(zones: "local" | "off") {
	const endpoints = ["a", "a", "b", "b"].map((zone, i) => {
		return { address: `127.0.0.1:${i + 1}`, locality: { region: "eu", zone } };
	});
	const listen = "127.0.0.1:0";
	return { xds: { listen }, admin: { listen }, services: { web: { endpoints, zones } } };
}

describe.each(["sotw", "delta"] as const)("clients that were there before a reload, %s", (mode) => {
	it("go to their zone once the service is split, and everywhere when it is not", async () => {
		await using plane = new ControlPlane(config("off"));
		const { xds } = await plane.start();
		const streams = ["a", "b", ""].map((zone) => {
			const stream = new XdsStream({ port: xds.port, mode });
			const node = { id: `in-${zone}`, user_agent_name: "envoy", locality: { region: "eu", zone } };
			const names = mode === "sotw" ? { resource_names: ["web"] } : { resource_names_subscribe: ["web"] };
			stream.send({ type_url: EDS, node, ...names });
			return stream;
		});
		/** The version that each client was sent last. */
		const versions = () =>
			streams.map(({ responses }) => {
				const { version = "", resources = [] } = responses.at(-1) ?? {};
				return mode === "sotw" ? version : (resources[0]?.version ?? "");
			});
		const [first] = await waitUntil("all have the same", () => {
			const all = versions();
			return all.every((each) => each !== "" && each === all[0]) && all;
		});
		plane.reload(config("local"));
		await waitUntil("two of them have others", () => {
			const [a, b, none] = versions();
			return a !== first && b !== first && a !== b && none === first;
		});
		plane.reload(config("off"));
		await waitUntil("all have the first again", () => versions().every((each) => each === first));
		for (const stream of streams) stream[Symbol.dispose]();
	});
});
