import { type Mutant, withMutant } from "./find-mutants.js";

/** Slips that no test could notice, because nobody could. */
export interface Equivalent {
	readonly file: string;
	/** The line as it stands there, without its indentation. */
	readonly line: string;
	/** The line with the slip; any slip of the line unless given. */
	readonly slips?: readonly string[];
	readonly why: string;
}

const SPARED = "It spares work, and what comes of it is the same.";
const ROOM = "Room for bytes, which grows where it is not enough.";

export const EQUIVALENT: readonly Equivalent[] = [
	{ file: "src/resources/assignment/encode/encode-assignment.ts", line: "const USUAL_BYTES = 48;", why: ROOM },
	{
		file: "src/resources/assignment/encode/encode-assignment.ts",
		line: "const count = localities.reduce((sum, { endpoints }) => sum + endpoints.length, 0);",
		why: ROOM,
	},
	{
		file: "src/resources/assignment/encode/backward-writer.ts",
		line: "if (this.#at < 5) this.#grow(5);",
		slips: ["if (this.#at <= 5) this.#grow(5);", "if (this.#at < (5 + 1)) this.#grow(5);", "if (true) this.#grow(5);"],
		why: ROOM,
	},
	{
		file: "src/resources/assignment/encode/backward-writer.ts",
		line: "for (let i = 0; i < length; i++) {",
		slips: ["for (let i = (0 + -1); i < length; i++) {"],
		why: "The byte before is free still.",
	},
	{
		file: "src/resources/wire-format.ts",
		line: "while (at - start < MAX_VARINT && (bytes[at] ?? 0) > 127) at++;",
		slips: [
			"while (at - start < MAX_VARINT && ((bytes[at])) > 127) at++;",
			"while (at - start < MAX_VARINT && (bytes[at] ?? (0 + 1)) > 127) at++;",
			"while (at - start < MAX_VARINT && (bytes[at] ?? (0 + -1)) > 127) at++;",
		],
		why: "Anything that is not above 127 ends it.",
	},
	{
		file: "src/resources/wire-format.ts",
		line: "const first = bytes[at + 1] ?? 0;",
		slips: ["const first = bytes[at + 1] ?? (0 + 1);", "const first = bytes[at + 1] ?? (0 + -1);"],
		why: "Beyond the bytes it ends beyond them, whatever stands there.",
	},
	{
		file: "src/resources/wire-format.ts",
		line: "for (let shift = 7; byte > 127 && shift < 32; shift += 7) {",
		slips: [
			"for (let shift = 7; byte > 127 && shift <= 32; shift += 7) {",
			"for (let shift = 7; byte > 127 && shift < (32 + 1); shift += 7) {",
			"for (let shift = 7; byte > 127 && shift < (32 + -1); shift += 7) {",
		],
		why: "The shifts are 28 and 35.",
	},
	{
		file: "src/resources/wire-format.ts",
		line: "let byte = bytes[at++] ?? 0;",
		slips: ["let byte = (bytes[at++]);"],
		why: "What is not there is 0 as a number of bits, and not above 127.",
	},
	{
		file: "src/resources/wire-format.ts",
		line: "byte = bytes[at++] ?? 0;",
		slips: ["byte = (bytes[at++]);"],
		why: "What is not there is 0 as a number of bits, and not above 127.",
	},
	{ file: "src/resources/join-fields.ts", line: "const SHORT_TEXT = 64;", why: SPARED },
	{
		file: "src/resources/join-fields.ts",
		line: "if (length === text.length && length <= SHORT_TEXT) for (let i = 0; i < length; i++) to[at + i] = text.charCodeAt(i);",
		slips: [
			"if (false) for (let i = 0; i < length; i++) to[at + i] = text.charCodeAt(i);",
			"if (length === text.length && length < SHORT_TEXT) for (let i = 0; i < length; i++) to[at + i] = text.charCodeAt(i);",
		],
		why: SPARED,
	},
	{
		file: "src/resources/assignment/encode/encode-assignment.ts",
		line: "if (keys.length > 1) keys.sort(compareText);",
		slips: [
			"if (keys.length >= 1) keys.sort(compareText);",
			"if (keys.length > (1 + -1)) keys.sort(compareText);",
			"if (true) keys.sort(compareText);",
		],
		why: SPARED,
	},
	{
		file: "src/resources/assignment/envoy-assignment.ts",
		line: "const withTraffic = endpoints.every((e) => e.weight > 0) ? endpoints : endpoints.filter((e) => e.weight > 0);",
		slips: [
			"const withTraffic = false ? endpoints : endpoints.filter((e) => e.weight > 0);",
			"const withTraffic = endpoints.every((e) => e.weight > (0 + 1)) ? endpoints : endpoints.filter((e) => e.weight > 0);",
		],
		why: SPARED,
	},
	{
		file: "src/resources/encoded-resource.ts",
		line: "const bytes = Buffer.allocUnsafe(8);",
		slips: ["const bytes = Buffer.allocUnsafe((8 + 1));"],
		why: "The first eight are read.",
	},
	...["change-drafts.ts", "initial-drafts.ts", "set-differences.ts"]
		.map((name) => `src/cache/memo/${name}`)
		.flatMap((file) => [
			{ file, line: "if (this.#isEmpty) return;", slips: ["if (false) return;"], why: SPARED },
			{ file, line: "#isEmpty = true;", slips: ["#isEmpty = false;"], why: SPARED },
			{ file, line: "this.#isEmpty = true;", slips: [";", "this.#isEmpty = false;"], why: SPARED },
		]),
	{
		file: "src/server/protocol/acks/response-log.ts",
		line: "if (this.#inFlight.length === 1) this.#inFlight.pop();",
		slips: ["if (false) this.#inFlight.pop();", "if (this.#inFlight.length === (1 + -1)) this.#inFlight.pop();"],
		why: SPARED,
	},
	{
		file: "src/server/protocol/sotw/sotw-names.ts",
		line: "if (list === this.#lastList) return;",
		slips: ["if (false) return;"],
		why: SPARED,
	},
	{
		file: "src/server/protocol/sotw/sotw-names.ts",
		line: "return list === this.#lastList && this.#missing.size === 0 && !this.#isWildcardMissing;",
		slips: ["return list === this.#lastList && this.#missing.size === (0 + -1) && !this.#isWildcardMissing;"],
		why: SPARED,
	},
	{ file: "src/server/protocol/sotw/sotw-names.ts", line: "this.#lastList = list;", slips: [";"], why: SPARED },
	{
		file: "src/server/protocol/sotw/sotw-complete.ts",
		line: 'const change = said.names === "none" ? undefined : yield* this.#requests.take(request, said);',
		slips: ["const change = false ? undefined : yield* this.#requests.take(request, said);"],
		why: SPARED,
	},
	{
		file: "src/catalog/leftovers.ts",
		line: "if (leftovers.length === 0) return leftovers;",
		slips: ["if (false) return leftovers;", "if (leftovers.length === (0 + -1)) return leftovers;"],
		why: SPARED,
	},
	{
		file: "src/resources/assignment/service-assignment.ts",
		line: "const before = endpoints.length < MIN_KEPT ? undefined : this.#keep(endpoints, localities, known);",
		slips: ["const before = false ? undefined : this.#keep(endpoints, localities, known);"],
		why: "A small assignment that is kept costs memory, and gives the same bytes.",
	},
	{
		file: "src/resources/assignment/encode/backward-writer.ts",
		line: "const buffer = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, length + least));",
		slips: ["const buffer = Buffer.allocUnsafe(Math.max((2 + -1) * this.#buffer.length, length + least));"],
		why: ROOM,
	},
	{
		file: "src/cache/change-feed.ts",
		line: "if (!isLazy(subscriber)) return;",
		slips: ["if (false) return;"],
		why: "Who is told at once is never behind, and nothing is read where there is nothing.",
	},
	{
		file: "src/server/protocol/rules/children.ts",
		line: "if (!child) return;",
		slips: ["if (false) return;"],
		why: SPARED,
	},
	{
		file: "src/server/protocol/sotw/complete-set.ts",
		line: "const asListed = names.all && allServed && leaving.length === 0;",
		slips: ["const asListed = names.all && allServed && leaving.length === (0 + -1);"],
		why: SPARED,
	},
	{
		file: "src/catalog/discover/registry-entry.ts",
		line: "if (before === JSON.stringify([definition.name, definition.settings])) return;",
		slips: ["if (false) return;"],
		why: SPARED,
	},
	{
		file: "src/catalog/discover/registry-entry.ts",
		line: "if (known !== undefined) return known;",
		slips: ["if (false) return known;"],
		why: SPARED,
	},
	{ file: "src/catalog/discover/registry-entry.ts", line: "KEYS.set(found, key);", why: SPARED },
	{ file: "src/catalog/discover/registry-entry.ts", line: "names = [];", why: SPARED },
	{
		file: "src/catalog/keep/kept-target.ts",
		line: "if (!this.#truth || !lastSuccess) return undefined;",
		slips: ["if (!this.#truth && !lastSuccess) return undefined;"],
		why: "Both come with the first answer.",
	},
	{
		file: "src/catalog/keep/kept-target.ts",
		line: "const MAX_TIMER_MS = 2 ** 31 - 1;",
		slips: ["const MAX_TIMER_MS = 2 ** (31 + -1) - 1;", "const MAX_TIMER_MS = 2 ** 31 - (1 + 1);"],
		why: "It looks at the time earlier, and waits again.",
	},
	{
		file: "src/catalog/keep/removal-guard.ts",
		line: "if (draining.length > 0) {",
		slips: ["if (draining.length >= 0) {", "if (draining.length > (0 + -1)) {", "if (true) {"],
		why: SPARED,
	},
	{
		file: "src/cache/generated-resources.ts",
		line: "return this.size < names.size ? [...this.#kept.keys()].filter((name) => names.has(name)) : names;",
		why: "The shorter list is gone through; both give the names that are in both.",
	},
	{
		file: "src/resources/assignment/service-assignment.ts",
		line: "this.#localities.set(endpoints, localities);",
		why: SPARED,
	},
	...[
		{ file: "src/cache/entry-encoder.ts", line: "if (!ofService) return;", slips: ["if (false) return;"] },
		{
			file: "src/cache/cache.ts",
			line: "for (const { set } of this.#entries.values()) if (set.type.ofService) set.setOpenness(openness, at);",
			slips: ["for (const { set } of this.#entries.values()) if (true) set.setOpenness(openness, at);"],
		},
		{
			file: "src/cache/cache.ts",
			line: "if (set.type.ofService) set.setOpenness(this.#openness, at);",
			slips: ["if (true) set.setOpenness(this.#openness, at);"],
		},
	].map((slip) => ({ ...slip, why: "Every type that there is now is made of services." })),
	{
		file: "src/server/protocol/session.ts",
		line: "if (asked.length > 0) this.#missing ??= new MissingNames();",
		slips: [
			"if (asked.length >= 0) this.#missing ??= new MissingNames();",
			"if (asked.length > (0 + -1)) this.#missing ??= new MissingNames();",
			"if (true) this.#missing ??= new MissingNames();",
		],
		why: SPARED,
	},
	{
		file: "src/resources/assignment/encode/backward-writer.ts",
		line: "if (value < 128) this.#buffer[--this.#at] = value;",
		slips: [
			"if (value < (128 + -1)) this.#buffer[--this.#at] = value;",
			"if (false) this.#buffer[--this.#at] = value;",
		],
		why: SPARED,
	},
	{
		file: "src/server/protocol/session.ts",
		line: "this.#removals = [];",
		slips: [";"],
		why: "It frees memory: a closed subscription has nothing that is to be removed.",
	},
	{
		file: "src/server/protocol/waiting-names.ts",
		line: "if (!subscription.isDue && log.inFlight === 0 && nacks.nack === null) continue;",
		slips: [
			"if (false) continue;",
			"if (!subscription.isDue && log.inFlight === (0 + -1) && nacks.nack === null) continue;",
		],
		why: SPARED,
	},
	{
		file: "src/catalog/history/diff-of.ts",
		line: "change.diff ??= yield* diffInSteps(change.previous?.endpoints ?? [], change.current?.endpoints ?? []);",
		slips: ["change.diff = yield* diffInSteps(change.previous?.endpoints ?? [], change.current?.endpoints ?? []);"],
		why: SPARED,
	},
	{
		file: "src/catalog/keep/kept-target.ts",
		line: "this.#source?.isFull(this, (this.#endpoints?.length ?? 0) > 0);",
		slips: ["this.#source?.isFull(this, ((this.#endpoints?.length)) > 0);"],
		why: "Undefined is not more than 0 either.",
	},
	{
		file: "src/catalog/changes/changes.ts",
		line: "#dirtySince = 0;",
		why: "It is set before it is read.",
	},
	{
		file: "src/resources/assignment/zone-localities.ts",
		line: ": new Map<string, AssignedLocality[]>([[ORDER[0], members]]);",
		slips: [": new Map<string, AssignedLocality[]>([[ORDER[(0 + 1)], members]]);"],
		why: "There is this part alone, and without shares none is split.",
	},
	{
		file: "src/catalog/host-watches.ts",
		line: "if (list.every(({ address }) => isAddress(address))) return asItIs(list);",
		slips: ["if (false) return asItIs(list);"],
		why: SPARED,
	},
	...[
		{ file: "src/catalog/catalog.ts", line: "if (!definitions.has(name)) this.#settle(name);" },
		{ file: "src/catalog/changes/changes.ts", line: "if (this.#dirty.size > 0) this.#schedule();" },
		{ file: "src/cache/cache.ts", line: "if (entry.place) yield* this.#encoder.update(entry, name, service, now);" },
	].map(({ file, line }) => ({ file, line, slips: [line.replace(/\(.*?\) (?=this|yield)/, "(true) ")], why: SPARED })),
	{
		file: "src/catalog/keep/pin.ts",
		line: "this.#pin = undefined;",
		slips: [";"],
		why: "Where it ends by itself, it frees memory: nobody is given one whose time is over.",
	},
	{
		file: "src/catalog/history/packed-changes.ts",
		line: "return [time, version, this.#text(target), source, ackedByAllAt === undefined ? null : ackedByAllAt - at, ...lists];",
		slips: ["return [time, version, this.#text(target), source, false ? null : ackedByAllAt - at, ...lists];"],
		why: "It is no number then, and JSON has null for that.",
	},
	{
		file: "src/catalog/history/packed-changes.ts",
		line: "const source = sourceAt === undefined ? null : at - sourceAt;",
		slips: ["const source = false ? null : at - sourceAt;"],
		why: "It is no number then, and JSON has null for that.",
	},
	{
		file: "src/resources/assignment/service-assignment.ts",
		line: "const before = endpoints.length < MIN_KEPT ? undefined : this.#keep(endpoints, localities, known);",
		slips: ["!(endpoints.length < MIN_KEPT)", "true"].map(
			(is) => `const before = ${is} ? undefined : this.#keep(endpoints, localities, known);`,
		),
		why: SPARED,
	},
	{
		file: "src/server/protocol/session.ts",
		line: "#isReceiving = false;",
		slips: ["#isReceiving = true;"],
		why: "The first request sets it, and before that there is no status.",
	},
	{
		file: "src/catalog/history/packed-changes.ts",
		line: "const since = time === undefined ? null : time - this.#before;",
		slips: ["const since = false ? null : time - this.#before;"],
		why: "It is no number then, and JSON has null for that.",
	},
	{
		file: "src/catalog/keep/kept-target.ts",
		line: "this.#truth = this.#watch.endpoints ?? [];",
		slips: ["this.#truth = (this.#watch.endpoints);"],
		why: "A watch that remembers something has endpoints.",
	},
	{
		file: "src/resources/assignment/endpoint-styles.ts",
		line: "if (!known.has(written)) known.set(written, addressIn(written));",
		slips: ["if (true) known.set(written, addressIn(written));"],
		why: SPARED,
	},
	{
		file: "src/catalog/history/packed-changes.ts",
		line: "if (at !== null) before += at;",
		slips: ["if (true) before += at;"],
		why: "Null adds nothing.",
	},
	{
		file: "src/server/protocol/delta/delta-subscription.ts",
		line: 'const isPlain = ack?.kind === "ack" && !ack.response.probe && !ack.probeSkipped;',
		slips: ['const isPlain = ack?.kind === "ack" && !ack.response.probe && (ack.probeSkipped);'],
		why: "Who is told once more that something is due, where it is, looks and finds what it would have found.",
	},
	{
		file: "src/resources/assignment/encode/encode-assignment.ts",
		line: "const to = new BackwardWriter(256 + name.length + (known ? known.value.length : count * USUAL_BYTES));",
		slips: ["(256 + 1)", "(256 + -1)"].map(
			(room) =>
				`const to = new BackwardWriter(${room} + name.length + (known ? known.value.length : count * USUAL_BYTES));`,
		),
		why: ROOM,
	},
	{ file: "src/cache/memo/existing-names.ts", line: "this.#lists.add(names);", slips: [";"], why: SPARED },
	{
		file: "src/cache/change-feed.ts",
		line: '#last: Change = { number: 0, name: "", at: 0, previous: undefined, next: undefined };',
		slips: ["0 + 1", "0 + -1"].map(
			(at) => `#last: Change = { number: 0, name: "", at: (${at}), previous: undefined, next: undefined };`,
		),
		why: "Nobody is told of what stands before the first change.",
	},
	...["this.pending.clear();", "this.leaving.clear();"].map((line) => ({
		file: "src/server/protocol/sotw/set-changes.ts",
		line,
		why: "It frees memory: nothing is asked of a subscription that is closed.",
	})),
	{ file: "src/resources/policies/policy-notes.ts", line: "KNOWN.set(policies, known);", slips: [";"], why: SPARED },
	{
		file: "src/cache/zones/service-demand.ts",
		line: "each.held = coarse(each.seen > each.held ? each.seen : each.most);",
		slips: ["each.held = coarse(each.seen >= each.held ? each.seen : each.most);"],
		why: "Where as many are there as count, nothing changes.",
	},
	{
		file: "src/catalog/named-services.ts",
		line: "for (const { current } of changes) if (current) telling.tell(current);",
		slips: ["for (const { current } of changes) if (true) telling.tell(current);"],
		why: "None is ever removed there.",
	},
	{
		file: "src/catalog/discover/claims.ts",
		line: "if (left.length > 0) this.#byName.set(name, left);",
		slips: ["left.length >= 0", "left.length > (0 + -1)", "true"].map(
			(is) => `if (${is}) this.#byName.set(name, left);`,
		),
		why: "It frees memory: of no claims none is the first, either.",
	},
	{
		file: "src/server/protocol/sotw/complete-set.ts",
		line: "const resources = allServed ? wanted : wanted.flatMap((resource) => servedFor(resource) ?? []);",
		slips: ["const resources = false ? wanted : wanted.flatMap((resource) => servedFor(resource) ?? []);"],
		why: SPARED,
	},
	{
		file: "src/server/protocol/sotw/sotw-names.ts",
		line: "#isWildcardMissing = false;",
		slips: ["#isWildcardMissing = true;"],
		why: "A first wildcard is new anyway, and the first request sets it.",
	},
	{
		file: "src/catalog/service-entry.ts",
		line: "const resolved = list && (plain ? asItIs(list) : this.#hosts.resolve(list));",
		slips: ["const resolved = list && (false ? asItIs(list) : this.#hosts.resolve(list));"],
		why: SPARED,
	},
	{
		file: "src/catalog/compared-target.ts",
		line: "const resolved = list && (plain ? asItIs(list) : this.#hosts.resolve(list));",
		slips: ["const resolved = list && (false ? asItIs(list) : this.#hosts.resolve(list));"],
		why: SPARED,
	},
	{
		file: "src/server/protocol/sotw/sotw-complete.ts",
		line: "if (!this.#former.canDoWithout(suspects)) return { suspects: [], accused: 0 };",
		slips: [
			"if (!this.#former.canDoWithout(suspects)) return { suspects: [], accused: (0 + -1) };",
			"if (!this.#former.canDoWithout(suspects)) return { suspects: [], accused: (0 + 1) };",
		],
		why: "Without a suspect no search begins.",
	},
	{
		file: "src/catalog/catalog.ts",
		line: "if (schemes.size === 0) return;",
		slips: ["if (false) return;", "if (schemes.size === (0 + -1)) return;"],
		why: SPARED,
	},
	{
		file: "src/resources/assignment/encode/backward-writer.ts",
		line: "if (length > 64) return false;",
		slips: [">= 64", "> (64 + 1)", "> (64 + -1)"].map((is) => `if (length ${is}) return false;`),
		why: SPARED,
	},
	{
		file: "src/catalog/merge.ts",
		line: "if (rank !== this.#last) this.#numbers.set(rank, 0);",
		slips: ["if (true) this.#numbers.set(rank, 0);"],
		why: SPARED,
	},
	{ file: "src/catalog/merge.ts", line: "this.#last = rank;", slips: [";"], why: SPARED },
	{
		file: "src/catalog/merge.ts",
		line: "if (priority !== last) priorities.add(priority);",
		slips: ["if (true) priorities.add(priority);"],
		why: SPARED,
	},
	{ file: "src/catalog/merge.ts", line: "last = priority;", slips: [";"], why: SPARED },
	{
		file: "src/server/protocol/sotw/sotw-names.ts",
		line: "if (others.size === 0) return names;",
		slips: ["if (false) return names;", "if (others.size === (0 + -1)) return names;"],
		why: SPARED,
	},
	{
		file: "src/resources/assignment/encode/backward-writer.ts",
		line: "if (code > 127) return false;",
		slips: ["if (code >= 127) return false;", "if (code > (127 + -1)) return false;"],
		why: SPARED,
	},
	{
		file: "src/catalog/discover/registry-hold.ts",
		line: "return held.length === 0 ? this.#said : new Map([...this.#said, ...held]);",
		slips: ["held.length === (0 + -1)", "false"].map(
			(is) => `return ${is} ? this.#said : new Map([...this.#said, ...held]);`,
		),
		why: SPARED,
	},
	{
		file: "src/server/protocol/acks/nacks.ts",
		line: "if (this.#nacked.size + this.#earlier.size > 0) {",
		slips: [">= 0", "> (0 + -1)"]
			.map((is) => `if (this.#nacked.size + this.#earlier.size ${is}) {`)
			.concat("if (true) {"),
		why: SPARED,
	},
	{
		file: "src/server/protocol/delta/apply-names.ts",
		line: "const inFlight = subscribe.length > 0 ? yield* log.inFlightNames() : NO_NAMES;",
		slips: ["subscribe.length >= 0", "subscribe.length > (0 + -1)", "true"].map(
			(is) => `const inFlight = ${is} ? yield* log.inFlightNames() : NO_NAMES;`,
		),
		why: SPARED,
	},
	{
		file: "src/server/protocol/nacked-by.ts",
		line: "if (at < known.since) known.since = at;",
		slips: ["if (at <= known.since) known.since = at;"],
		why: "It is the same time.",
	},
	...["length", "bytes.length"].map((length) => ({
		file: "src/resources/assignment/encode/backward-writer.ts",
		line: `if (this.#at < ${length}) this.#grow(${length});`,
		slips: [`if (this.#at <= ${length}) this.#grow(${length});`, `if (true) this.#grow(${length});`],
		why: ROOM,
	})),
	{
		file: "src/resources/assignment/encode/kept-endpoints.ts",
		line: "return start + length > inner.length ? undefined : { endpoints, bytes: inner.subarray(start, start + length) };",
		slips: [
			"return start + length >= inner.length ? undefined : { endpoints, bytes: inner.subarray(start, start + length) };",
		],
		why: "What is not kept is encoded anew, to the same bytes.",
	},
	{
		file: "src/server/protocol/delta/delta-subscription.ts",
		line: "this.heartbeat(false);",
		slips: ["this.heartbeat(true);"],
		why: "All that it has is in doubt, and is sent in full for that.",
	},
	{
		file: "src/server/protocol/delta/apply-names.ts",
		line: "if (!names.has(name) && (!set.type.listed || !set.known(name))) owed.bring(name, version);",
		slips: ["if (true) owed.bring(name, version);"],
		why: "It is said once more of what it was said of, and types with a wildcard wait for nothing.",
	},
	{
		file: "src/catalog/compared-target.ts",
		line: "const merged = yield* mergeInSteps([{ target, priority: 0, endpoints: found }]);",
		slips: ["0 + 1", "0 + -1"].map(
			(priority) => `const merged = yield* mergeInSteps([{ target, priority: (${priority}), endpoints: found }]);`,
		),
		why: "Of one target alone the priorities of its endpoints are numbered from 0.",
	},
	{
		file: "src/server/protocol/acks/response-log.ts",
		line: "const probeSkipped = index > 0 && this.#inFlight.slice(0, index).some(({ probe }) => probe);",
		slips: ["index >= 0", "index > (0 + -1)"].map(
			(is) => `const probeSkipped = ${is} && this.#inFlight.slice(0, index).some(({ probe }) => probe);`,
		),
		why: SPARED,
	},
	{
		file: "src/catalog/explain/explain-service.ts",
		line: "const own = target === undefined ? undefined : settings.get(target);",
		slips: ["const own = false ? undefined : settings.get(target);"],
		why: "No target has no settings.",
	},
	{
		file: "src/catalog/keep/pin.ts",
		line: "const left = Math.max(0, pin.until.getTime() - Date.now());",
		slips: ["0 + 1", "0 + -1"].map((least) => `const left = Math.max((${least}), pin.until.getTime() - Date.now());`),
		why: "A timer waits for a millisecond at least.",
	},
	{
		file: "src/cache/cache-entry.ts",
		line: "if (before === after) return true;",
		slips: ["if (false) return true;"],
		why: SPARED,
	},
	{
		file: "src/server/protocol/session.ts",
		line: "const sent = { nonce, version, content, replacedVersions, probe, since, sentAt: 0 };",
		slips: ["0 + 1", "0 + -1"].map(
			(at) => `const sent = { nonce, version, content, replacedVersions, probe, since, sentAt: (${at}) };`,
		),
		why: "The log sets it.",
	},
	...[
		{ file: "src/catalog/additional-addresses.ts", line: "used.set(e, true);" },
		{ file: "src/catalog/additional-addresses.ts", line: "used.set(other, true);" },
		{
			file: "src/catalog/leftovers.ts",
			line: "for (const { endpoints } of present) for (const e of endpoints) addresses.set(e, true);",
		},
		{
			file: "src/catalog/keep/removal-guard.ts",
			line: "for (const e of endpoints) if (which(e)) addresses.set(e, true);",
		},
	].map(({ file, line }) => {
		const slips = [line.replace("true);", "false);")];
		return { file, line, slips, why: "What is asked is whether it is there." };
	}),
	...[
		{
			file: "src/catalog/discover/discovered-services.ts",
			line: 'signal.addEventListener("abort", done, { once: true });',
		},
		{
			file: "src/catalog/named-services.ts",
			line: 'signal.addEventListener("abort", () => catalog.stop(), { once: true });',
		},
	].map(({ file, line }) => {
		return { file, line, slips: [line.replace("true", "false")], why: "A signal aborts once." };
	}),
	{
		file: "src/catalog/keep/kept-target.ts",
		line: "#asked = false;",
		slips: ["#asked = true;"],
		why: "It is set when a hold begins, and read while there is one.",
	},
	{
		file: "src/catalog/keep/kept-target.ts",
		line: "#plain = false;",
		slips: ["#plain = true;"],
		why: "It is set with the first endpoints, and says nothing without them.",
	},
	{
		file: "src/server/protocol/acks/culprit-search.ts",
		line: "const next = new Set(size > 0 ? [...this.#suspects].slice(0, Math.ceil(size / 2)) : this.#others);",
		slips: ["const next = new Set(size > (0 + 1) ? [...this.#suspects].slice(0, Math.ceil(size / 2)) : this.#others);"],
		why: "One suspect alone is convicted at once.",
	},
	{
		file: "src/resources/overlay/merge-overlay.ts",
		line: 'if (!field) throw new TypeError("unknown field");',
		slips: ['if (false) throw new TypeError("unknown field");', "if (!field) ;"],
		why: "Without a field the next line fails, and both mean that the overlay is not used.",
	},
	{
		file: "src/cache/resource-set.ts",
		line: "if (content.accepted) return;",
		slips: ["if (false) return;"],
		why: "All that is in it is accepted, too, and passed over.",
	},
	{
		file: "src/cache/subscriber-index.ts",
		line: "if (this.#largeFeeds.delete(names)) return true;",
		slips: ["if (false) return true;"],
		why: "No name of a large Set is entered.",
	},
	...["const SLICE_MS = 10;", "const BATCH = 50;"].map((line) => ({
		file: "src/catalog/discover/registry-entry.ts",
		line,
		why: "How much is done before others have their turn changes nothing of what comes of it.",
	})),
	{
		file: "src/catalog/discover/registry-entry.ts",
		line: "} while (!isAtEnd && performance.now() - begun < SLICE_MS);",
		slips: ["} while (!isAtEnd && performance.now() - begun <= SLICE_MS);"],
		why: "How much is done before others have their turn changes nothing of what comes of it.",
	},
	{
		file: "src/catalog/changes/changes.ts",
		line: "const SLICE_MS = 5;",
		why: "How much is done before others have their turn changes nothing of what comes of it.",
	},
	{
		file: "src/catalog/changes/changes.ts",
		line: "while (more && performance.now() < end) more = this.#step();",
		slips: ["while (more && performance.now() <= end) more = this.#step();"],
		why: "How much is done before others have their turn changes nothing of what comes of it.",
	},
	{ file: "src/resources/assignment/encode/kept-endpoints.ts", line: "export const MIN_KEPT = 64;", why: SPARED },
	{
		file: "src/resources/assignment/service-assignment.ts",
		line: "const before = endpoints.length < MIN_KEPT ? undefined : this.#keep(endpoints, localities, known);",
		slips: ["const before = endpoints.length <= MIN_KEPT ? undefined : this.#keep(endpoints, localities, known);"],
		why: SPARED,
	},
	{
		file: "src/resources/assignment/random-localities.ts",
		line: "from: each.from ?? each,",
		slips: ["from: (each.from),"],
		why: "One that is of no other is found by its own name.",
	},
	{
		file: "src/resources/assignment/zone-localities.ts",
		line: "for (const each of split) localities.push({ ...each, priority, from: each.from ?? each });",
		slips: ["for (const each of split) localities.push({ ...each, priority, from: (each.from) });"],
		why: "What is not found is encoded anew, to the same bytes.",
	},
	{
		file: "src/resources/assignment/grpc-assignment.ts",
		line: "if (!endpoints.some(({ targetShare }) => targetShare)) return [{ locality, endpoints }];",
		slips: ["if (false) return [{ locality, endpoints }];"],
		why: SPARED,
	},
	{
		file: "src/resources/messages/server-listener-name.ts",
		line: 'const host = v6 ?? v4 ?? "";',
		slips: ["const host = (v6 ?? v4);"],
		why: "What is not there is no address.",
	},
	{
		file: "src/server/protocol/session.ts",
		line: "if (!subscription.isDue) continue;",
		slips: ["if (false) continue;"],
		why: SPARED,
	},
	{
		file: "src/catalog/target-settings.ts",
		line: "if (this.#last?.given === given) return this.#last.endpoints;",
		slips: ["if (false) return this.#last.endpoints;"],
		why: SPARED,
	},
	{ file: "src/catalog/target-settings.ts", line: "this.#last = { given, endpoints };", slips: [";"], why: SPARED },
	{
		file: "src/catalog/service-entry.ts",
		line: "if (!sameTargets(this.#definition, definition)) this.#settings = targetSettings(definition.targets);",
		slips: ["if (true) this.#settings = targetSettings(definition.targets);"],
		why: SPARED,
	},
	{
		file: "src/resources/wire-format.ts",
		line: "if (first < 128) return at + 2 + first;",
		slips: ["first < (128 + -1)", "false"].map((is) => `if (${is}) return at + 2 + first;`),
		why: SPARED,
	},
	{
		file: "src/resources/assignment/load-localities.ts",
		line: "if (others.length === 0) return first;",
		slips: ["others.length === (0 + -1)", "false"].map((is) => `if (${is}) return first;`),
		why: "One alone is joined to what it was, and encoded anew to the same bytes.",
	},
	{
		file: "src/server/protocol/sotw/sotw-complete.ts",
		line: "yield* this.#former.acked(ack.response.content.resources, this.stream.log.inFlight === 0);",
		slips: ["yield* this.#former.acked(ack.response.content.resources, this.stream.log.inFlight === (0 + -1));"],
		why: "It frees memory: what is not forgotten is set anew by each ACK, to what was ACKed.",
	},
	{
		file: "src/catalog/history/change-ring.ts",
		line: "return { ...part, bytes: packed.byteLength + 200, changes: packed };",
		slips: ["200 + 1", "200 + -1"].map(
			(head) => `return { ...part, bytes: packed.byteLength + (${head}), changes: packed };`,
		),
		why: "It is an estimate.",
	},
	{ file: "src/cache/subscriber-index.ts", line: "export const MAX_ENTERED = 8_192;", why: SPARED },
	{
		file: "src/cache/subscriber-index.ts",
		line: "if (names.size > this.#maxEntered) this.#largeFeeds.set(names, feed);",
		slips: ["names.size >= this.#maxEntered", "!(names.size > this.#maxEntered)", "true", "false"].map(
			(is) => `if (${is}) this.#largeFeeds.set(names, feed);`,
		),
		why: "Those that are not entered are asked: it takes longer, and finds the same.",
	},
	{
		file: "src/cache/zones/service-demand.ts",
		line: "const added = { region, zone, held: 0, seen: 0, most: 0, fallingSince: undefined, steadySince: now };",
		slips: ["0 + 1", "0 + -1"].map(
			(most) =>
				`const added = { region, zone, held: 0, seen: 0, most: (${most}), fallingSince: undefined, steadySince: now };`,
		),
		why: "It is set before it is read.",
	},
	{
		file: "src/cache/zones/service-demand.ts",
		line: "const isSettled = now - this.#seenAt >= SETTLE_MS || now - (this.#risingSince ?? now) >= LATEST_MS;",
		slips: ["const isSettled = now - this.#seenAt >= SETTLE_MS || now - ((this.#risingSince)) >= LATEST_MS;"],
		why: "No time is not long ago.",
	},
];

export function isEquivalent(mutant: Mutant, source: string): boolean {
	const lineOf = (text: string) => text.split("\n")[mutant.line - 1]?.trim() ?? "";
	const before = lineOf(source);
	const after = lineOf(withMutant(source, mutant));
	return EQUIVALENT.some(
		({ file, line, slips }) =>
			file === mutant.file && line === before && (slips === undefined || slips.includes(after)),
	);
}
