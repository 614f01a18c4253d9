import type { Endpoint } from "../../src/model/endpoint.js";
import type { Target } from "../../src/model/target.js";
import { at, FakeProvider } from "../catalog/fake-provider.js";

type Answer = readonly (number | Endpoint)[] | Error;

interface LookUp {
	readonly signal: AbortSignal;
	answer(answer: Answer): void;
}

/** A FakeProvider whose look-ups wait for the test's answer, unless one was given in advance. */
export class DiscoveringProvider extends FakeProvider {
	/** Every look-up that waits or has waited. */
	readonly lookUps: LookUp[] = [];
	/** What the next look-ups get at once. */
	given: Answer | undefined;

	override discover(
		_target?: Target,
		{ signal }: { readonly signal: AbortSignal } = { signal: new AbortController().signal },
	): Promise<readonly Endpoint[]> {
		const { promise, resolve, reject } = Promise.withResolvers<readonly Endpoint[]>();
		const answer = (of: Answer) => {
			if (of instanceof Error) reject(of);
			else resolve(of.map((e) => (typeof e === "number" ? at(e) : e)));
		};
		this.lookUps.push({ signal, answer });
		if (this.given) answer(this.given);
		return promise;
	}
}
