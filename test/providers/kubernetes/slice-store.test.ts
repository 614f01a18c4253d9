import { beforeEach, expect, it } from "vitest";
import { sliceObject } from "../../../lab/slice-object.js";
import { readSlice, type Slice } from "../../../src/providers/kubernetes/api/endpoint-slice.js";
import { SliceStore } from "../../../src/providers/kubernetes/slice-store.js";

const [EARLY, LATE] = ["2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"];

let revision = 0;
let store: SliceStore;

beforeEach(() => {
	[revision, store] = [0, new SliceStore()];
});

function slice(service: string, name: string, at?: string): Slice {
	const annotations = at === undefined ? {} : { "endpoints.kubernetes.io/last-change-trigger-time": at };
	const object = sliceObject(service, { name, annotations });
	return readSlice({ ...object, metadata: { ...object.metadata, resourceVersion: String(++revision) } }, new Date());
}

const changed = () =>
	Object.fromEntries([...store.takeChanged()].map(([key, at]) => [key.replace("shop/", ""), at?.getTime()]));
const namesOf = (service: string) => store.slicesOf(`shop/${service}`).map(({ name }) => name);

it("says which services changed since it was asked last", () => {
	store.put(slice("web", "web-1"));
	store.put(slice("web", "web-2"));
	store.put(slice("cart", "cart-1"));
	expect(changed()).toEqual({ web: undefined, cart: undefined });
	expect(changed()).toEqual({});
	store.delete(slice("web", "web-2"));
	store.delete(slice("web", "none"));
	expect(changed()).toEqual({ web: undefined });
	expect([namesOf("web"), namesOf("cart"), namesOf("none")]).toEqual([["web-1"], ["cart-1"], []]);
});

it("takes what is there already for no change", () => {
	const same = slice("web", "web-1");
	store.put(same);
	store.takeChanged();
	store.put({ ...same });
	store.replace([{ ...same }]);
	expect(changed()).toEqual({});
});

it("replaces everything, also by what is older: a backup may have been restored", () => {
	const old = slice("web", "web-1");
	for (const each of [slice("web", "web-1"), slice("web", "web-2"), slice("cart", "cart-1"), slice("user", "user-1")]) {
		store.put(each);
	}
	const user = store.slicesOf("shop/user")[0] as Slice;
	store.takeChanged();
	store.replace([old, user, slice("new", "new-1")]);
	expect(changed()).toEqual({ web: undefined, cart: undefined, new: undefined });
	expect(store.slicesOf("shop/web")).toEqual([old]);
	expect(namesOf("cart")).toEqual([]);
});

it("keeps when the newest change happened, where the cluster says so", () => {
	store.put(slice("web", "web-1", LATE));
	store.put(slice("web", "web-2", EARLY));
	expect(changed()).toEqual({ web: Date.parse(LATE) });
	// The same time as before is that of an older change.
	store.put(slice("web", "web-1", LATE));
	expect(changed()).toEqual({ web: undefined });
	store.put(slice("web", "web-2", LATE));
	store.delete(slice("web", "web-1"));
	expect(changed()).toEqual({ web: Date.parse(LATE) });
});

it("moves a slice to another service, and forgets one that is of none any more", () => {
	store.put(slice("web", "one"));
	store.takeChanged();
	store.put(slice("cart", "one"));
	expect(changed()).toEqual({ web: undefined, cart: undefined });
	expect([namesOf("web"), namesOf("cart")]).toEqual([[], ["one"]]);
	store.put({ ...slice("cart", "one"), service: undefined });
	expect(changed()).toEqual({ cart: undefined });
	expect(namesOf("cart")).toEqual([]);
	store.put({ ...slice("x", "two"), service: undefined });
	expect(changed()).toEqual({});
});
