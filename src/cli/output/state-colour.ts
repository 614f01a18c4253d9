import type { Colour } from "./table.js";

const COLOURS: Readonly<Record<string, Colour>> = {
	synced: "green",
	healthy: "green",
	pending: "yellow",
	"asks nothing": "yellow",
	connecting: "yellow",
	stale: "yellow",
	removing: "yellow",
	draining: "yellow",
	degraded: "yellow",
	NACK: "red",
	unknown: "red",
	missing: "red",
	rejected: "red",
	acked: "green",
	sent: "yellow",
	failed: "red",
};

/** The cell of a state: green where all is well, yellow where it will be, red where somebody has to look. */
export function stateCell(state: string): { text: string; colour: Colour | undefined } {
	return { text: state, colour: COLOURS[state] };
}
