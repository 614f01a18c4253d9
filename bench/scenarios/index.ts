import type { Scenario } from "../scenario.js";
import { burst } from "./burst.js";
import { churn } from "./churn.js";
import { left } from "./left.js";
import { ratios } from "./ratios.js";
import { storm } from "./storm.js";
import { stuck } from "./stuck.js";

export const SCENARIOS: readonly Scenario[] = [churn, burst, storm, stuck, left, ratios];
