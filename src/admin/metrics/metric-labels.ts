import type { TargetCondition } from "../../providers/watch/target-watch.js";
import type { Family } from "../../resources/view.js";

export type Mode = "sotw" | "delta";
export const MODES: readonly Mode[] = ["sotw", "delta"];
export const FAMILIES: readonly Family[] = ["envoy", "grpc"];
/** From best to worst: of a target that several services have, the worst state is shown. */
export const TARGET_STATES: readonly TargetCondition[] = ["synced", "connecting", "stale", "failed"];
