/** The back ends, and the columns of the table. */
export const BACKENDS = ["a", "b", "c"] as const;

export type BackendName = (typeof BACKENDS)[number];

/** What the config says of each back end that is in it; `{}` is healthy with weight 100. */
export type Endpoints = Readonly<
	Partial<Record<BackendName, { readonly weight?: number; readonly health?: "draining" }>>
>;

/** How the traffic should be divided: relative parts, 0 for none at all. */
export type Shares = Readonly<Record<BackendName, number>>;
