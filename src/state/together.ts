/**
 * Does something with each item, with so many of them at a time, in their order.
 * @throws the first error; the others at work go on.
 */
export async function together<T>(items: readonly T[], most: number, act: (item: T) => Promise<void>): Promise<void> {
	const left = items.values();
	const next = async () => {
		for (const item of left) await act(item);
	};
	await Promise.all(Array.from({ length: Math.min(most, items.length) }, next));
}
