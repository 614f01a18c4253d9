import { describe, expect, it } from "vitest";
import { findClient, LANGUAGES } from "../../../lab/grpc-clients.js";
import { GrpcLab } from "../../../lab/grpc-lab.js";
import { waitUntil } from "../../../lab/wait-until.js";

const USERS = 20;

/** gRFC A76: grpcio 1.85 goes by the addresses without this variable, grpc-java 1.85 and grpc-js 1.14 always do. */
const env = { GRPC_XDS_ENDPOINT_HASH_KEY_BACKWARD_COMPAT: "false" };
const KNOWN = { js: false, java: false, go: true, python: true };

describe.each(LANGUAGES)("the hash keys of endpoints, in the gRPC client in %s", async (language) => {
	const program = await findClient(language);
	const knows = KNOWN[language];

	it.skipIf("missing" in program)(
		`${knows ? "decide their places in the ring" : "change nothing"}, and are never rejected`,
		async () => {
			if ("missing" in program) return;
			await using lab = await GrpcLab.start({ program, env, config: () => ({ services: {} }) });
			const { a, b, c, d } = lab.backends;
			const set = (one: string, two: string, more: readonly string[] = []) =>
				lab.fingerpost.setServices({
					web: {
						protocol: "grpc",
						loadBalancing: { policy: "ring_hash", hashOn: { header: "x-user" }, hashKey: { metadata: "shard" } },
						endpoints: [
							{ address: one, metadata: { shard: "one" } },
							{ address: two, metadata: { shard: "two" } },
							{ address: c.address, metadata: { shard: "three" } },
							...more,
						],
					},
				});
			const homes = async () => {
				const all: string[] = [];
				for (let i = 0; i < USERS; i++) {
					// A ring takes another endpoint while the right one is not connected.
					const home = await waitUntil(`user ${i} has one back end`, async () => {
						const { ok, byBackend } = await lab.client.calls("web", 5, 1, 20_000, `user-${i}`);
						const [name, ...others] = Object.keys(byBackend);
						return ok === 5 && others.length === 0 ? name : undefined;
					});
					all.push(home);
				}
				return all.join();
			};
			await set(a.address, b.address);
			const settled = (what: string, is: (now: string) => boolean) =>
				waitUntil(what, async () => {
					const now = await homes();
					return is(now) && now === (await homes()) ? now : undefined;
				});
			const before = await settled("all three are called", (now) => new Set(now.split(",")).size === 3);
			// The fourth tells when the client has the new list.
			await set(b.address, a.address, [d.address]);
			await settled("the new endpoint is called", (now) => now.includes("d"));
			await set(b.address, a.address);
			const swapped = before.replace(/[ab]/g, (name) => (name === "a" ? "b" : "a"));
			const after = await settled("the new endpoint is called no more", (now) => !now.includes("d"));
			expect(after).toBe(knows ? swapped : before);
			expect(await lab.fingerpost.nacks()).toEqual([]);
		},
	);
});
