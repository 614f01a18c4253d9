import { ServiceTargets } from "../blocking/service-target.js";

const targets = new ServiceTargets(["dc", "tag", "near", "ns", "partition", "filter"]);

/** `consul:///service?dc=&tag=&near=&ns=&partition=&filter=`, or why the text is none. */
export const readConsulTarget = targets.read;

/** `consul:///*?dc=&tag=&near=&ns=&partition=&filter=`, or why the text is none. */
export const readConsulRegistry = targets.readAll;
