import { expect, it } from "vitest";
import { describeEnvoys } from "../../../lab/describe-envoys.js";
import { ENVOY_VERSIONS } from "../../../lab/envoy-binary.js";
import { EnvoyLab } from "../../../lab/envoy-lab.js";
import { ask } from "../../../lab/load.js";
import { waitUntil } from "../../../lab/wait-until.js";

const USERS = 20;

describeEnvoys(
	"the hash keys of endpoints",
	(which) => {
		it.each(["ring_hash", "maglev"])(
			"decide their places with %s: who takes over a key has its requests",
			async (policy) => {
				await using lab = await EnvoyLab.start({
					which,
					config: () => ({ services: {} }),
					route: { hash_policy: [{ header: { header_name: "x-user" } }] },
				});
				const set = (one: string, two: string, three: string) =>
					lab.fingerpost.setServices({
						web: {
							loadBalancing: { policy, hashKey: "hostname" },
							endpoints: [
								{ address: one, hostname: "one" },
								{ address: two, hostname: "two" },
								{ address: three, hostname: "three" },
							],
						},
					});
				const homes = async () => {
					const all: string[] = [];
					for (let i = 0; i < USERS; i++)
						all.push((await ask(lab.envoy.ingress, "web", undefined, { "x-user": `user-${i}` })).body);
					return all;
				};
				await set(lab.a, lab.b, lab.c);
				await lab.envoy.waitForHosts("web", [lab.a, lab.b, lab.c]);
				const before = await homes();
				expect(new Set(before)).toEqual(new Set(["a", "b", "c"]));
				await set(lab.b, lab.a, lab.c);
				const swapped = before.map((name) => ({ a: "b", b: "a", c: "c" })[name]);
				await waitUntil("a and b have changed places", async () => (await homes()).join() === swapped.join());
				expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
			},
		);
	},
	{ versions: ENVOY_VERSIONS, modes: ["sotw"] },
);
