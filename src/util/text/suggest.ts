/** The known word that was most likely meant, or undefined if none is near. */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
	const wanted = word.toLowerCase();
	// A third of the letters may be wrong, at least one; more would suggest what nobody meant.
	let best = Math.max(1, Math.floor(wanted.length / 3)) + 1;
	let nearest: string | undefined;
	for (const candidate of known) {
		const distance = editDistance(wanted, candidate.toLowerCase());
		if (distance < best) {
			best = distance;
			nearest = candidate;
		}
	}
	return nearest;
}

/** `; did you mean "weight"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
	const nearest = nearestWord(word, known);
	return nearest === undefined ? "" : `; did you mean "${nearest}"?`;
}

/** How many letters have to be put in, left out, replaced or swapped with their neighbour to turn one into the other. */
export function editDistance(a: string, b: string): number {
	// A row is as long as b; words this long are no misspelt keys, and their cost would be quadratic.
	if (a.length > 64 || b.length > 64) return a === b ? 0 : Math.max(a.length, b.length);
	let before: number[] = [];
	let last = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1] ? 0 : 1;
			let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + same);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
				cost = Math.min(cost, at(before, j - 2) + 1);
			row.push(cost);
		}
		before = last;
		last = row;
	}
	return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
	return row[index] as number;
}
