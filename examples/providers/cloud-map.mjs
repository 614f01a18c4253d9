// A provider of AWS Cloud Map: cloud-map:///NAMESPACE/SERVICE. Credentials are read from the environment.
// By DiscoverInstances of its API of 2017-03-14.
//
//   providers:
//     cloud-map: {module: ./cloud-map.mjs, region: eu-central-1}

import { createHash, createHmac } from "node:crypto";

const HEALTH = { HEALTHY: "healthy", UNHEALTHY: "unhealthy", UNKNOWN: "unknown" };
const ACTION = "Route53AutoNaming_v20170314.DiscoverInstances";

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

/** The headers of a request that is signed by version 4 of AWS' signatures. */
function signed(url, body, region, { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token }) {
	if (!id || !secret) throw new Error("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
	const at = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
	const headers = {
		"content-type": "application/x-amz-json-1.1",
		host: url.host,
		"x-amz-date": at,
		...(token && { "x-amz-security-token": token }),
		"x-amz-target": ACTION,
	};
	const names = Object.keys(headers).join(";");
	const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
	const request = ["POST", "/", "", lines.join(""), names, sha256(body)].join("\n");
	const scope = `${at.slice(0, 8)}/${region}/servicediscovery/aws4_request`;
	const key = scope.split("/").reduce((before, part) => hmac(before, part), `AWS4${secret}`);
	const signature = hmac(key, ["AWS4-HMAC-SHA256", at, scope, sha256(request)].join("\n")).toString("hex");
	const { host: _, ...sent } = headers;
	return {
		...sent,
		authorization: `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
	};
}

export default {
	type: "cloud-map",

	options({ region, address = `https://data-servicediscovery.${region}.amazonaws.com/`, ...others }) {
		if (typeof region !== "string") throw new Error("region is missing, such as eu-central-1");
		if (Object.keys(others).length > 0) throw new Error(`unknown: ${Object.keys(others)}`);
		return { region, address };
	},

	check: ({ path }) => (/^\/[^/]+\/[^/]+$/.test(path) ? undefined : "expected cloud-map:///NAMESPACE/SERVICE"),

	create({ region, address }, { poll, ServiceNotFound }) {
		async function lookUp({ path }, { signal }) {
			const [NamespaceName, ServiceName] = path.slice(1).split("/");
			const body = JSON.stringify({ NamespaceName, ServiceName, HealthStatus: "ALL", MaxResults: 1_000 });
			const headers = signed(new URL(address), body, region, process.env);
			const response = await fetch(address, { method: "POST", headers, body, signal });
			const answer = await response.json();
			const problem = String(answer.__type ?? "").replace(/^.*#/, "");
			if (/^(Service|Namespace)NotFound$/.test(problem)) throw new ServiceNotFound(`Cloud Map has no ${path.slice(1)}`);
			if (!response.ok) throw new Error(`Cloud Map answered ${response.status} ${problem}`);
			return answer.Instances.map(({ InstanceId, HealthStatus, Attributes }) => ({
				address: Attributes.AWS_INSTANCE_IPV4 ?? Attributes.AWS_INSTANCE_IPV6,
				port: Number(Attributes.AWS_INSTANCE_PORT),
				health: HEALTH[HealthStatus] ?? "unknown",
				locality: { region, zone: Attributes.AVAILABILITY_ZONE ?? "" },
				origin: { object: InstanceId },
			}));
		}

		return poll(lookUp, { interval: 10_000 });
	},
};
