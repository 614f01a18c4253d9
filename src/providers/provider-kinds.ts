import { consulKind } from "./consul/consul-kind.js";
import { dnsKind } from "./dns/dns-kind.js";
import { dockerKind } from "./docker/docker-kind.js";
import { etcdKind } from "./etcd/etcd-kind.js";
import { fileKind } from "./file/file-kind.js";
import { httpKind } from "./http/http-kind.js";
import { kubernetesKind } from "./kubernetes/kubernetes-kind.js";
import { nomadKind } from "./nomad/nomad-kind.js";
import type { ProviderKind } from "./provider-kind.js";
import { staticKind } from "./static/static-kind.js";

/**
 * The built-in providers, one row each: the only list of them. Schemes, settings, reserved names,
 * the pages of the documentation and the rows of the benchmark follow from it.
 */
export const PROVIDER_KINDS: readonly ProviderKind[] = [
	staticKind,
	fileKind,
	dnsKind,
	kubernetesKind,
	consulKind,
	nomadKind,
	httpKind,
	etcdKind,
	dockerKind,
];
