import { nodeProblem } from "./node-version.js";

// Imported first, for its effect: on a Node that is too old nothing else of the library runs.
const problem = nodeProblem();
if (problem !== undefined) throw new Error(problem);
