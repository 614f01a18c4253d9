// A provider of Nacos' naming service: nacos:///SERVICE, nacos:///SERVICE?group=GROUP, and nacos:///* for all.
// By the Open API v1 (/nacos/v1/ns), which Nacos 1 has and Nacos 2 answers, too.
//
//   providers:
//     nacos: {module: ./nacos.mjs, address: "http://127.0.0.1:8848/nacos", namespaceId: public}

const PAGE = 500;

export default {
	type: "nacos",

	options({ address, namespaceId = "public", group = "DEFAULT_GROUP", ...others }) {
		if (!URL.canParse(address)) throw new Error('address is missing, such as "http://127.0.0.1:8848/nacos"');
		if (Object.keys(others).length > 0) throw new Error(`unknown: ${Object.keys(others)}`);
		return { address: address.replace(/\/+$/, ""), namespaceId, group };
	},

	check: ({ path }) => (/^\/[^/*]+$/.test(path) ? undefined : "expected nacos:///SERVICE"),
	checkAll: ({ path }) => (path === "/*" ? undefined : "expected nacos:///*"),

	create({ address, namespaceId, group }, { poll, pollAll }) {
		async function get(path, query, signal) {
			const response = await fetch(`${address}/v1/ns/${path}?${new URLSearchParams({ namespaceId, ...query })}`, {
				signal,
			});
			if (!response.ok) throw new Error(`Nacos answered ${response.status}`);
			return response.json();
		}

		async function lookUp({ path, query }, { signal }) {
			const groupName = query.get("group") ?? group;
			const { hosts } = await get("instance/list", { serviceName: path.slice(1), groupName }, signal);
			if (!Array.isArray(hosts)) throw new Error("Nacos answered with no list of hosts");
			const enabled = hosts.filter((host) => host.enabled !== false);
			return enabled.map(({ ip, port, healthy, weight = 1, metadata, instanceId }) => ({
				address: ip,
				port,
				health: healthy ? "healthy" : "unhealthy",
				weight: Math.min(65_535, Math.round(weight * 100)),
				metadata,
				origin: { object: instanceId },
			}));
		}

		async function listAll({ query }, { signal }) {
			const groupName = query.get("group") ?? group;
			const names = [];
			for (let pageNo = 1; pageNo <= 1_000; pageNo++) {
				const { count, doms } = await get("service/list", { pageNo, pageSize: PAGE, groupName }, signal);
				if (!Array.isArray(doms)) throw new Error("Nacos answered with no list of services");
				names.push(...doms);
				if (names.length >= count || doms.length === 0) break;
			}
			const of = groupName === group ? "" : `?group=${groupName}`;
			return names.map((service) => ({ service, namespace: namespaceId, target: `nacos:///${service}${of}` }));
		}

		return { ...poll(lookUp, { interval: 10_000 }), ...pollAll(listAll, { interval: 10_000 }) };
	},
};
