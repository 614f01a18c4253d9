import type { ResourceSet } from "../../../cache/resource-set.js";
import type { Mode } from "../../wire/mode.js";
import { Nacks } from "./nacks.js";
import { ResponseLog } from "./response-log.js";

/**
 * One type on one stream (R1): its resources, what was sent of them, and what the client rejects.
 */
export class TypeStream {
	readonly mode: Mode;
	/** Another one once the client may see something else. */
	set: ResourceSet;
	readonly log = new ResponseLog();
	readonly nacks = new Nacks();
	/** A response became due. */
	readonly onDue: () => void;
	/** Refuses more names than a stream may ask for. @throws RpcError */
	readonly checkNames: (count: number) => void;

	constructor(mode: Mode, set: ResourceSet, onDue: () => void, checkNames: (count: number) => void = () => {}) {
		this.mode = mode;
		this.set = set;
		this.onDue = onDue;
		this.checkNames = checkNames;
	}
}
