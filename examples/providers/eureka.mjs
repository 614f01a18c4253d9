// A provider of Eureka: eureka:///APP, and eureka:///* for all.
// By the REST operations of Eureka 1, as JSON: below /eureka in Spring Cloud Netflix, below /eureka/v2 in Netflix' own server.
//
//   providers:
//     eureka: {module: ./eureka.mjs, address: "http://127.0.0.1:8761/eureka"}

const HEALTH = {
	UP: "healthy",
	STARTING: "unhealthy",
	DOWN: "unhealthy",
	OUT_OF_SERVICE: "draining",
	UNKNOWN: "unknown",
};

/** Of one there is no list in the answers of some versions. */
const listOf = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

export default {
	type: "eureka",

	options({ address, ...others }) {
		if (!URL.canParse(address)) throw new Error('address is missing, such as "http://127.0.0.1:8761/eureka"');
		if (Object.keys(others).length > 0) throw new Error(`unknown: ${Object.keys(others)}`);
		return { address: address.replace(/\/+$/, "") };
	},

	check: ({ path }) => (/^\/[^/*]+$/.test(path) ? undefined : "expected eureka:///APP"),
	checkAll: ({ path }) => (path === "/*" ? undefined : "expected eureka:///*"),

	create({ address }, { poll, pollAll, ServiceNotFound }) {
		async function get(path, signal) {
			const response = await fetch(`${address}/${path}`, { headers: { accept: "application/json" }, signal });
			if (response.status === 404) return undefined;
			if (!response.ok) throw new Error(`Eureka answered ${response.status}`);
			return response.json();
		}

		async function lookUp({ path }, { signal }) {
			const name = path.slice(1);
			const answer = await get(`apps/${encodeURIComponent(name.toUpperCase())}`, signal);
			if (!answer) throw new ServiceNotFound(`Eureka has no application "${name}"`);
			return listOf(answer.application.instance).map((instance) => ({
				address: instance.ipAddr,
				port: Number(instance.port.$),
				health: HEALTH[instance.status] ?? "unknown",
				hostname: instance.hostName,
				locality: { zone: instance.metadata?.zone ?? "" },
				origin: { object: instance.instanceId, revision: String(instance.lastDirtyTimestamp ?? "") },
			}));
		}

		async function listAll(_, { signal }) {
			const answer = await get("apps", signal);
			if (!answer?.applications) throw new Error("Eureka answered with no list of applications");
			const names = listOf(answer.applications.application).map(({ name }) => name.toLowerCase());
			return names.map((service) => ({ service, target: `eureka:///${service}` }));
		}

		return { ...poll(lookUp, { interval: 30_000 }), ...pollAll(listAll, { interval: 30_000 }) };
	},
};
