import type { TypeId } from "../../resources/resource-type.js";
import type { Family, View } from "../../resources/view.js";

/** What clients of a view are sent of a service, of one type. */
export interface SentResource {
	readonly type: TypeId;
	readonly typeUrl: string;
	readonly name: string;
	readonly view: View;
	readonly family: Family;
	/** Whether some client uses it. If not, it is what the first one would get. */
	readonly isInUse: boolean;
	/** Null where there is none. */
	readonly version: string | null;
	/** Of the encoded message; null where there is none. */
	readonly bytes: number | null;
	/** Why there is none; null where there is one. */
	readonly problem: { readonly reason: "withheld" | "tooLarge" | "unknown"; readonly message: string } | null;
	/** The resource in proto3 JSON, `null` where there is none. It is made as it is read. */
	pieces(): Iterable<string>;
}

/** Which of them are wanted. */
export interface WantedResource {
	readonly view: View;
	readonly type: TypeId;
}

/** Where the admin API has them from. */
export interface SentSources {
	/** Those of clients that say nothing but what they are, and all that some client uses. */
	views(): readonly View[];
	/** Those of the streams of a node; empty where it is not connected. */
	viewsOf(node: string): readonly View[];
	/** Each in steps, when it is reached. None where there is no such service by then. */
	of(name: string, wants: readonly WantedResource[]): Promise<Iterable<SentResource | "">>;
}
