import type { TypeId } from "../resources/resource-type.js";
import type { View } from "../resources/view.js";

/** Why clients of a view do not have a resource as it should be. */
export interface ResourceProblem {
	/** The resource's name, which is its service's. */
	readonly name: string;
	readonly type: TypeId;
	readonly family: View;
	/** `rejected`: clients reject it. `tooLarge`: they could not receive it. */
	readonly reason: "rejected" | "tooLarge";
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

export function tooLarge(name: string, type: TypeId, family: View, bytes: number, max: number): ResourceProblem {
	const [size, limit] = [bytes / MIB, Math.ceil(max / MIB)];
	const message = `it has ${size.toFixed(1)} MiB, and gRPC clients receive no more than ${limit} MiB at a time; they keep what they have until it is smaller`;
	const counts = { rejectedBy: null, ackedBy: null, isAccepted: false };
	return { name, type, family, reason: "tooLarge", message, since: new Date(), ...counts };
}
