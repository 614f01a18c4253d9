import { expect, it } from "vitest";
import { Cache } from "../../../src/cache/cache.js";
import type { ServiceState } from "../../../src/catalog/service-state.js";
import { DEFAULT_LIMITS } from "../../../src/model/limits.js";
import { groupOf } from "../../../src/model/traffic/subset.js";
import { AccessRules } from "../../../src/server/access/access-rules.js";
import { ClientView } from "../../../src/server/transport/client-view.js";
import { Places } from "../../../src/server/transport/places.js";
import { at, serviceState } from "../../catalog/fake-provider.js";

it("a client beyond the groups that there is room for gets its zone's resources, and stays there", () => {
	const services = new Map<string, ServiceState>();
	const cache = new Cache({ get: (name) => services.get(name), services: () => services.values() });
	const serve = (size: number | undefined) => {
		const large = serviceState("large", { endpoints: [at(1), at(2), at(3)] });
		const definition = { ...large.definition, ...(size && { subset: { size } }) };
		services.set("large", { ...large, definition });
		cache.update(["large"], 0);
	};
	serve(1);
	const places = new Places(() => ({ ...DEFAULT_LIMITS, zones: 1 }));
	// Of the four groups that there is room for, others have three.
	const own = ["x", "another"].map((id) => groupOf(`\0${id}`));
	for (const group of [0, 1, 2, 3, 4].filter((each) => !own.includes(each)).slice(0, 3))
		places.enterGroup(group, undefined, "others");
	const rules = new AccessRules([], "hidden");
	const come = (id: string) => {
		const view = new ClientView(cache, () => rules, places);
		view.identify("envoy", { identity: undefined, node: { id } as never });
		expect(view.enter({ region: "eu", zone: "a" }, "peer")).toBe(true);
		return view;
	};
	const moves: ClientView[] = [];
	const update = (view: ClientView) => view.update({ move: () => moves.push(view), types: [] as never });
	const first = come("x");
	const second = come("another");
	expect([first, second].map((view) => [view.zone?.zone, view.group === undefined])).toEqual([
		["a", false],
		["a", true],
	]);
	expect(second.isOutdated).toBe(false);
	// Once groups are not told apart, the first gives back what it has of them.
	serve(undefined);
	expect([first, second].map(({ isOutdated }) => isOutdated)).toEqual([true, true]);
	for (const view of [first, second]) update(view);
	expect([moves, first.group]).toEqual([[first], undefined]);
	serve(1);
	for (const view of [second, first]) update(view);
	expect([second.group === undefined, first.group === undefined]).toEqual([false, true]);
	second.close();
	first.close();
	second.close();
	expect(come("x").group).toBeTypeOf("number");
});
