import { eventOf, FakeListServer } from "../../../lab/fake-list-server.js";
import type { AdaptedSource } from "../adapted-source.js";
import { providerSuite } from "../suite.js";
import { httpProvider, QUICK } from "./watching.js";

const INVALID = "sd+http:///web.json";
const MISSING = "a 404 does not say that there is no service";

function adapted(server: FakeListServer, parts: Pick<AdaptedSource, "provider" | "recover" | "set">): AdaptedSource {
	return {
		target: (n) => `sd+http://127.0.0.1:${server.port}/web-${n}.json`,
		fail() {
			server.react = () => ({ status: 500 });
			server.breakAll();
		},
		fallSilent() {
			server.react = () => ({ silent: true });
			server.mute();
		},
		requests: () => server.requests.length,
		open: () => server.connections,
		[Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
		...parts,
	};
}

providerSuite("sd, asked again and again", {
	async start(timing) {
		const server = await FakeListServer.start();
		return adapted(server, {
			provider: httpProvider({}, timing === "default" ? {} : QUICK),
			set: (n, addresses) => server.set(`/web-${n}.json`, addresses),
			recover() {
				server.react = () => undefined;
			},
		});
	},
	invalid: INVALID,
	lacks: { missing: MISSING },
});

providerSuite("sd, by events", {
	async start() {
		const server = await FakeListServer.start();
		const stream: FakeListServer["react"] = ({ path }) => ({ events: eventOf(server.list(path) ?? "[]") });
		server.react = stream;
		return adapted(server, {
			provider: httpProvider(),
			set(n, addresses) {
				server.set(`/web-${n}.json`, addresses);
				server.send(eventOf(addresses), `/web-${n}.json`);
			},
			recover() {
				server.react = stream;
			},
		});
	},
	invalid: INVALID,
	lacks: { missing: MISSING, requests: "the server tells of changes" },
});
