import { StaticProvider } from "../../../src/providers/static/static-provider.js";
import { providerSuite } from "../suite.js";

const ITSELF = "the target itself says all";

providerSuite("static", {
	start: async () => ({
		provider: new StaticProvider(),
		target: (n) => `static://127.0.0.1:${9_000 + n}`,
		set: () => {},
		async [Symbol.asyncDispose]() {},
	}),
	invalid: "static://127.0.0.1:0",
	lacks: {
		...{ change: ITSELF, empty: ITSELF, missing: ITSELF },
		...{ failure: ITSELF, silence: ITSELF, requests: ITSELF },
	},
});
