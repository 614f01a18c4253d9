import { consulRow } from "./consul-row.js";
import { dnsRow } from "./dns-row.js";
import { dockerRow } from "./docker-row.js";
import { etcdRow } from "./etcd-row.js";
import type { FaultRow } from "./fault.js";
import { fileRow } from "./file-row.js";
import { kubernetesRow } from "./kubernetes-row.js";
import { nomadRow } from "./nomad-row.js";
import { sdEventsRow, sdRow } from "./sd-row.js";

/** The providers that have a source, in the order of the table. */
export const FAULT_ROWS: readonly FaultRow[] = [
	fileRow,
	dnsRow,
	kubernetesRow,
	consulRow,
	nomadRow,
	etcdRow,
	sdRow,
	sdEventsRow,
	dockerRow,
];
