import type { EncodedResource } from "../../../resources/encoded-resource.js";
import type { TypeStream } from "./type-stream.js";

/**
 * The next part of a rejected response (R7): the resources of it that are as they were.
 * @param wants whether the client wants the name still.
 * @param changed told a wanted name of the part whose resource is another one now: it goes like any
 *   other change.
 */
export function nextProbe(
	{ set, nacks }: Pick<TypeStream, "set" | "nacks">,
	wants: (name: string) => boolean,
	changed: (name: string) => void = () => {},
): readonly EncodedResource[] | undefined {
	for (let probe = nacks.takeProbe(); probe; probe = nacks.takeProbe()) {
		const resources: EncodedResource[] = [];
		for (const name of probe) {
			const resource = wants(name) ? set.get(name) : undefined;
			if (resource && nacks.isNacked(resource)) resources.push(resource);
			else if (wants(name)) {
				nacks.replaced(name);
				changed(name);
			} else nacks.release(name);
		}
		if (resources.length > 0) return resources;
		nacks.probeSkipped();
	}
	return undefined;
}
