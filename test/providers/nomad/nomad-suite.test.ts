import { FakeNomad } from "../../../lab/fake-nomad.js";
import { providerSuite } from "../suite.js";
import { nomadProvider } from "./watching.js";

providerSuite("nomad", {
	async start() {
		const nomad = await FakeNomad.start();
		return {
			provider: nomadProvider(nomad.url),
			target: (n) => `nomad:///web-${n}`,
			set: (n, addresses) => nomad.set(`web-${n}`, ...addresses),
			fail() {
				nomad.react = () => ({ status: 500, body: "No cluster leader" });
				nomad.breakAll();
			},
			fallSilent() {
				nomad.react = () => ({ silent: true });
				nomad.stall();
			},
			recover() {
				nomad.react = () => undefined;
			},
			requests: () => nomad.requests.length,
			open: () => nomad.connections,
			[Symbol.asyncDispose]: () => nomad[Symbol.asyncDispose](),
		};
	},
	invalid: "nomad://agent:4646/web",
});
