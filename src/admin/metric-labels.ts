import type { TargetCondition } from "../providers/watch/target-watch.js";

export type Type = "cds" | "eds" | "lds" | "rds";
export type Mode = "sotw" | "delta";
export type Family = "envoy" | "grpc";

export const TYPES: readonly Type[] = ["cds", "eds", "lds", "rds"];
export const MODES: readonly Mode[] = ["sotw", "delta"];
export const FAMILIES: readonly Family[] = ["envoy", "grpc"];
/** From best to worst: of a target that several services have, the worst state is shown. */
export const TARGET_STATES: readonly TargetCondition[] = ["synced", "connecting", "stale", "failed"];
