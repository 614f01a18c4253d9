import { FakeConsul } from "../../../lab/fake-consul.js";
import { providerSuite } from "../suite.js";
import { consulProvider } from "./watching.js";

providerSuite("consul", {
	async start() {
		const consul = await FakeConsul.start();
		return {
			provider: consulProvider(consul.url),
			target: (n) => `consul:///web-${n}`,
			set: (n, addresses) => consul.set(`web-${n}`, ...addresses),
			fail() {
				consul.react = () => ({ status: 500, body: "No cluster leader" });
				consul.breakAll();
			},
			fallSilent() {
				consul.react = () => ({ silent: true });
				consul.stall();
			},
			recover() {
				consul.react = () => undefined;
			},
			requests: () => consul.requests.length,
			open: () => consul.connections,
			[Symbol.asyncDispose]: () => consul[Symbol.asyncDispose](),
		};
	},
	invalid: "consul://agent:8500/web",
});
