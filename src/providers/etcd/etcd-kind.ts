import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { etcdOptions } from "./etcd-options.js";
import { EtcdProvider } from "./etcd-provider.js";
import { readEtcdRegistry, readEtcdTarget } from "./etcd-target.js";

/** The `etcd` provider: the keys of a prefix. */
export const etcdKind: ProviderKind<typeof etcdOptions> = {
	type: "etcd",
	schemes: ["etcd"],
	example: "etcd:///services/web/",
	exampleAll: "etcd:///services/*",
	options: etcdOptions,
	check: checkBy(readEtcdTarget),
	checkAll: checkBy(readEtcdRegistry),
	create: (options) => new EtcdProvider(options),
};
