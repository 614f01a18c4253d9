import type { TypeId } from "../resources/resource-type.js";
import { type Family, familyOfView, type View } from "../resources/view.js";

/** Why clients of a view do not have a resource as it should be. */
export interface ResourceProblem {
	/** The resource's name, which is its service's. */
	readonly name: string;
	readonly type: TypeId;
	readonly family: Family;
	/** `rejected`: clients reject it. `tooLarge`: they could not receive it. `withheld`: they are not given it. */
	readonly reason: "rejected" | "tooLarge" | "withheld";
	/** What happened; of a rejection the client's own words. */
	readonly message: string;
	readonly since: Date;
	/** How many clients of the family reject it now; null where it is too large. */
	readonly rejectedBy: number | null;
	/** How many of them have ACKed its newest version; null where that was not counted. */
	readonly ackedBy: number | null;
	/** Whether any client has ACKed its newest version, connected or gone. */
	readonly isAccepted: boolean;
}

const MIB = 1024 * 1024;

const NOT_COUNTED = { rejectedBy: null, ackedBy: null, isAccepted: false };

export function tooLarge(name: string, type: TypeId, view: View, bytes: number, max: number): ResourceProblem {
	const [size, limit] = [bytes / MIB, Math.ceil(max / MIB)];
	const message = `it has ${size.toFixed(1)} MiB, and gRPC clients receive no more than ${limit} MiB at a time; they keep what they have until it is smaller`;
	return { name, type, family: familyOfView(view), reason: "tooLarge", message, since: new Date(), ...NOT_COUNTED };
}

export function unencodable(name: string, type: TypeId, view: View, why: string): ResourceProblem {
	return withheld(
		name,
		type,
		view,
		`it cannot be encoded: ${why}; clients keep what they have until the service changes`,
	);
}

export function withheld(
	name: string,
	type: TypeId,
	view: View,
	message: string,
	since: Date = new Date(),
): ResourceProblem {
	return { name, type, family: familyOfView(view), reason: "withheld", message, since, ...NOT_COUNTED };
}
