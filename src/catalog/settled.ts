import type { Catalog } from "./catalog.js";

/**
 * Resolves once no service is unknown and every target has answered or failed, or after `limit`
 * milliseconds.
 */
export async function settled(catalog: Catalog, limit: number, signal?: AbortSignal): Promise<void> {
	catalog.flush();
	const unsettled = () =>
		[...catalog.services()].some(
			({ state, targets }) => state === "unknown" || targets.some((target) => target.state === "connecting"),
		);
	if (!unsettled() || signal?.aborted) return;
	await new Promise<void>((resolve) => {
		const done = () => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", done);
			off();
			resolve();
		};
		const timer = setTimeout(done, limit);
		signal?.addEventListener("abort", done, { once: true });
		const off = catalog.onChange((_, __, more) => {
			if (!more && !unsettled()) done();
		});
	});
}
