import type { Endpoints, Shares } from "./back-ends.js";
import type { Mesh } from "./mesh.js";

export interface Step {
	readonly title: string;
	readonly shares: Shares;
	/** Gives the milliseconds until every client had ACKed the change, where it is one. */
	act(mesh: Mesh): Promise<number | undefined>;
}

/** The mesh starts with this. */
export const FIRST: Endpoints = { a: {}, b: {}, c: {} };

/** Each step leaves the traffic divided in another way than the one before it, but for the kill: there it goes on. */
export const STEPS: readonly Step[] = [
	{
		title: "three back ends, equal weights",
		shares: { a: 1, b: 1, c: 1 },
		act: async () => undefined,
	},
	{
		title: "weight of a: 200",
		shares: { a: 2, b: 1, c: 1 },
		act: (mesh) => mesh.change({ a: { weight: 200 }, b: {}, c: {} }),
	},
	{
		title: "c draining",
		shares: { a: 2, b: 1, c: 0 },
		act: (mesh) => mesh.change({ a: { weight: 200 }, b: {}, c: { health: "draining" } }),
	},
	{
		title: "b removed, c healthy",
		shares: { a: 2, b: 0, c: 1 },
		act: (mesh) => mesh.change({ a: { weight: 200 }, c: {} }),
	},
	{
		title: "Fingerpost killed",
		shares: { a: 2, b: 0, c: 1 },
		async act(mesh) {
			await mesh.killFingerpost();
			return undefined;
		},
	},
	{
		title: "Fingerpost started again, b back",
		shares: { a: 1, b: 1, c: 1 },
		async act(mesh) {
			await mesh.startFingerpost();
			return mesh.change(FIRST);
		},
	},
];
