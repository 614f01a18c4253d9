import { expect, it } from "vitest";
import { describeEnvoys } from "../../../lab/describe-envoys.js";
import { ENVOY_VERSIONS } from "../../../lab/envoy-binary.js";
import { EnvoyLab } from "../../../lab/envoy-lab.js";
import { burst } from "../../../lab/load.js";

/** What a route asks for, by the kinds that metadata have. */
const WANTED = { version: 2, canary: true, stage: "b" };

describeEnvoys(
	"subsets",
	(which) => {
		it.each([
			["a number", "version", [1, 2, 2.5]],
			["true or false", "canary", [false, true, "true"]],
			["a list", "stage", [["a"], ["a", "b"], "c"]],
		] as const)("are chosen by %s of the endpoints' metadata", async (_, key, values) => {
			await using lab = await EnvoyLab.start({
				which,
				config: ({ a, b, c }) => ({
					services: {
						web: {
							subsets: [[key]],
							endpoints: [a, b, c].map((address, i) => ({ address, metadata: { [key]: values[i] } })),
						},
						// Nobody has what is asked for: then all are as good.
						none: { subsets: [[key]], endpoints: [{ address: a, metadata: { [key]: "other" } }, b] },
					},
				}),
				route: { metadata_match: { filter_metadata: { "envoy.lb": { [key]: WANTED[key] } } } },
			});
			expect(await burst(lab.envoy.ingress, "web", 20)).toMatchObject({ ok: 20, byBackend: { b: 20 } });
			expect((await burst(lab.envoy.ingress, "none", 20)).byBackend).toEqual({ a: 10, b: 10 });
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		});
	},
	{ versions: ENVOY_VERSIONS, modes: ["sotw"] },
);
