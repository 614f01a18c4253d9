import { status } from "@grpc/grpc-js";
import { FakeEtcd } from "../../../lab/fake-etcd.js";
import { DEFAULT_TIMING } from "../../../src/providers/etcd/client/etcd-timing.js";
import { providerSuite } from "../suite.js";
import { etcdProvider } from "./etcd-lab.js";

providerSuite("etcd", {
	async start(timing) {
		const etcd = await FakeEtcd.start();
		return {
			provider: etcdProvider([etcd.url], {}, timing === "default" ? DEFAULT_TIMING : { check: 200 }),
			target: (n) => `etcd:///web-${n}/`,
			set: (n, addresses) =>
				etcd.set(`web-${n}/`, new Map(addresses.map((address) => [`web-${n}/${address}`, address]))),
			fail() {
				etcd.react = () => ({ code: status.UNAVAILABLE, details: "etcdserver: no leader" });
				etcd.endStreams(status.UNAVAILABLE, "etcdserver: no leader");
			},
			fallSilent() {
				etcd.react = () => ({ silent: true });
			},
			recover() {
				etcd.react = () => undefined;
			},
			requests: () => etcd.calls.length,
			open: () => etcd.streams,
			[Symbol.asyncDispose]: () => etcd[Symbol.asyncDispose](),
		};
	},
	invalid: "etcd://127.0.0.1:2379/web/",
});
