import type { Endpoint } from "../../model/endpoint.js";
import { isHashing, type Policies } from "../../model/policies/policies.js";
import type { ZonePlan } from "../../model/zones/zone-plan.js";
import type { Steps } from "../../util/steps.js";
import { mergeOverlay } from "../overlay/merge-overlay.js";
import { type Family, familyOfView, type View } from "../view.js";
import type { AssignedLocality } from "./encode/assigned-locality.js";
import { assignmentInSteps, type EndpointStyle, encodeAssignment } from "./encode/encode-assignment.js";
import { MIN_KEPT } from "./encode/kept-endpoints.js";
import { dependsOnOthers, styleWith } from "./endpoint-styles.js";
import { ENVOY_STYLE, envoyLocalities } from "./envoy-assignment.js";
import { GRPC_STYLE, grpcLocalities, grpcLocalitiesByLoad } from "./grpc-assignment.js";
import { GRPC_HASH_STYLE, hashedLocalities } from "./hashed-localities.js";
import { loadLocalities, loadLocalitiesByZone } from "./load-localities.js";
import { forRandom, randomLocalities } from "./random-localities.js";
import { zoneLocalities } from "./zone-localities.js";

/** The previous assignment of a service, and its endpoints. */
export interface KnownEncoding {
	readonly value: Uint8Array;
	readonly endpoints: readonly Endpoint[];
}

/** Name and endpoints of a service, what is known of it, where the clients of a zone go, and how. */
type Parts = [
	name: string,
	endpoints: readonly Endpoint[],
	known?: KnownEncoding | undefined,
	plan?: ZonePlan | undefined,
	policies?: Policies | undefined,
];

/** The same, with the view, too. */
type OwnParts = [
	view: View,
	name: string,
	endpoints: readonly Endpoint[],
	known: KnownEncoding | undefined,
	plan: ZonePlan | undefined,
	policies: Policies | undefined,
];

type Localities = readonly AssignedLocality[];

/** Makes assignments for the clients of a view. */
class Assignments {
	readonly #localitiesOf: (endpoints: readonly Endpoint[]) => Localities;
	readonly #style: EndpointStyle;
	/** Of larger lists: what was sent of them, for the next encoding to copy from. */
	readonly #localities = new WeakMap<readonly Endpoint[], Localities>();

	/** What becomes of their weights, after those of zones. */
	readonly #weigh: ((localities: Localities) => Localities) | undefined;
	readonly #zonedOf: ((endpoints: readonly Endpoint[]) => Localities) | undefined;

	/** @param zonedOf what a plan splits, where that is not what clients without a plan get. */
	constructor(
		localitiesOf: (endpoints: readonly Endpoint[]) => Localities,
		style: EndpointStyle,
		weigh?: (localities: Localities) => Localities,
		zonedOf?: (endpoints: readonly Endpoint[]) => Localities,
	) {
		this.#localitiesOf = localitiesOf;
		this.#style = style;
		this.#weigh = weigh;
		this.#zonedOf = zonedOf;
	}

	encode(...[view, name, endpoints, known, plan, policies]: OwnParts): Uint8Array {
		const localities = this.#localities.get(endpoints) ?? this.#localitiesOf(endpoints);
		const before = endpoints.length < MIN_KEPT ? undefined : this.#keep(endpoints, localities, known);
		const style = styleWith(this.#style, view, name, endpoints, policies);
		const copied = dependsOnOthers(policies) ? undefined : before;
		return encodeAssignment(name, this.#planned(endpoints, localities, plan), style, copied);
	}

	*encodeInSteps(...[view, name, endpoints, known, plan, policies]: OwnParts): Steps<Uint8Array> {
		yield;
		const localities = this.#localities.get(endpoints) ?? this.#localitiesOf(endpoints);
		yield;
		const before = this.#keep(endpoints, localities, known);
		const planned = this.#planned(endpoints, localities, plan);
		const style = styleWith(this.#style, view, name, endpoints, policies);
		const copied = dependsOnOthers(policies) ? undefined : before;
		return yield* assignmentInSteps(name, planned, style, copied);
	}

	#planned(endpoints: readonly Endpoint[], localities: Localities, plan: ZonePlan | undefined): Localities {
		const byEndpoint = this.#style === ENVOY_STYLE && !this.#weigh;
		const planned = plan ? zoneLocalities(this.#zonedOf?.(endpoints) ?? localities, plan, byEndpoint) : localities;
		return this.#weigh?.(planned) ?? planned;
	}

	/** @returns what of the previous assignment can be copied. */
	#keep(endpoints: readonly Endpoint[], localities: Localities, known: KnownEncoding | undefined) {
		this.#localities.set(endpoints, localities);
		const before = known && this.#localities.get(known.endpoints);
		return before && { value: known.value, localities: before };
	}
}

const FOR: Readonly<Record<Family | "envoyRandom" | "envoyByLoad" | "grpcHash" | "grpcByLoad", Assignments>> = {
	envoy: new Assignments(envoyLocalities, ENVOY_STYLE),
	envoyRandom: new Assignments(randomLocalities, ENVOY_STYLE, forRandom),
	envoyByLoad: new Assignments(loadLocalities, ENVOY_STYLE, forRandom, loadLocalitiesByZone),
	grpc: new Assignments(grpcLocalities, GRPC_STYLE),
	grpcHash: new Assignments(hashedLocalities, GRPC_HASH_STYLE),
	grpcByLoad: new Assignments(grpcLocalitiesByLoad, GRPC_STYLE),
};

function assignmentsFor(view: View, policies: Policies | undefined): Assignments {
	const policy = policies?.loadBalancing?.policy;
	const isByLoad = policy === "client_side_weighted_round_robin";
	if (familyOfView(view) === "envoy")
		return FOR[isByLoad ? "envoyByLoad" : policy === "random" ? "envoyRandom" : "envoy"];
	if (isHashing(policies)) return FOR.grpcHash;
	return FOR[isByLoad ? "grpcByLoad" : "grpc"];
}

/** With what an Envoy gets beside it. */
function overlaid(view: View, value: Uint8Array, { envoy }: Policies = {}): Uint8Array {
	if (!envoy?.assignment || familyOfView(view) !== "envoy") return value;
	return Buffer.concat([value, mergeOverlay("assignment", envoy.assignment, NOTHING)]);
}

const NOTHING = new Uint8Array();

/**
 * @param endpoints in canonical order, each address once.
 * @param known the previous one of the view; for a plan that of the view without one.
 * @param plan of the clients' zone; as the endpoints weigh unless given.
 */
export function encodeServiceAssignment(view: View, ...[name, endpoints, known, plan, policies]: Parts): Uint8Array {
	return overlaid(view, assignmentsFor(view, policies).encode(view, name, endpoints, known, plan, policies), policies);
}

/** As encodeServiceAssignment(), for many endpoints. */
export function* serviceAssignmentInSteps(
	view: View,
	...[name, endpoints, known, plan, policies]: Parts
): Steps<Uint8Array> {
	const assignments = assignmentsFor(view, policies);
	return overlaid(view, yield* assignments.encodeInSteps(view, name, endpoints, known, plan, policies), policies);
}
