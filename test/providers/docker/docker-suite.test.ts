import type { FakeContainer } from "../../../lab/fake-docker.js";
import { DEFAULT_TIMING } from "../../../src/providers/docker/engine/docker-timing.js";
import { providerSuite } from "../suite.js";
import { dockerLab } from "./docker-lab.js";

providerSuite("docker", {
	async start(timing) {
		const lab = await dockerLab();
		const { docker } = lab;
		const services = new Map<number, readonly FakeContainer[]>();
		return {
			provider: lab.provider({}, timing === "default" ? { timing: DEFAULT_TIMING } : {}),
			target: (n) => `docker:///web-${n}:80`,
			set(n, addresses) {
				services.set(
					n,
					addresses.map((address, i) => ({
						name: `shop-web-${n}-${i}`,
						labels: { "com.docker.compose.service": `web-${n}`, "com.docker.compose.project": "shop" },
						// Published, so that each has a port of its own at one address.
						networks: {},
						ports: [{ IP: "127.0.0.1", PrivatePort: 80, PublicPort: Number(address.split(":")[1]), Type: "tcp" }],
					})),
				);
				docker.run(...[...services.values()].flat());
			},
			fail() {
				docker.react = () => ({ status: 500 });
				docker.endEvents();
			},
			fallSilent() {
				docker.react = () => ({ silent: true });
			},
			recover() {
				docker.react = () => undefined;
			},
			requests: () => docker.requests.length,
			open: () => docker.connections,
			[Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
		};
	},
	invalid: "docker://engine/web:80",
});
