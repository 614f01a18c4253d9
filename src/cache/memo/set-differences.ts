/**
 * Memo of the names of which another set has something else: streams that go over from the one to the other look them up
 * once. It is a part of both sets, and cleared by a change of either.
 */
export class SetDifferences {
	#to = new WeakMap<object, readonly string[]>();
	#isEmpty = true;

	get(other: SetDifferences): readonly string[] | undefined {
		const names = this.#to.get(other);
		return names && other.#to.get(this) === names ? names : undefined;
	}

	set(other: SetDifferences, names: readonly string[]): void {
		for (const [one, two] of [
			[this, other],
			[other, this],
		] as const) {
			one.#to.set(two, names);
			one.#isEmpty = false;
		}
	}

	clear(): void {
		if (this.#isEmpty) return;
		this.#to = new WeakMap();
		this.#isEmpty = true;
	}
}
