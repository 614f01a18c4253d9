/** A number is told by so many steps of its own size at least. */
const LEAST_STEPS = 50;

/**
 * About as many: the nearest multiple of 1, 2, 5, 10, 20, … that is at most a fiftieth of it, so that numbers that hardly
 * differ are mostly the same. Up to 99 the number itself.
 */
export function coarse(count: number): number {
	let step = 1;
	for (let factors = 0; nextOf(step, factors) * LEAST_STEPS <= count; factors++) step = nextOf(step, factors);
	return Math.round(count / step) * step;
}

/** 1, 2, 5, 10: each third step is two and a half times the one before. */
function nextOf(step: number, factors: number): number {
	return factors % 3 === 1 ? step * 2.5 : step * 2;
}
