import { describe, expect, it } from "vitest";
import { parseTarget } from "../../../src/model/target.js";
import { readConsulTarget } from "../../../src/providers/consul/consul-target.js";

const read = (text: string) => readConsulTarget(parseTarget(text));

describe("a Consul target", () => {
	it("names a service, and which of its instances", () => {
		expect(read("consul:///web")).toEqual({ text: "consul:///web", service: "web", tags: [], parameters: {} });
		const filter = 'Service.Meta.version == "1"';
		const query = `dc=dc2&tag=v1&tag=blue&near=_agent&ns=shop&partition=p&filter=${encodeURIComponent(filter)}`;
		expect(read(`eu:///a%20b?${query}`)).toMatchObject({
			service: "a b",
			tags: ["v1", "blue"],
			parameters: { dc: "dc2", near: "_agent", ns: "shop", partition: "p", filter },
		});
	});

	it.each([
		["consul://agent:8500/web", "expected consul:///SERVICE, with three slashes; which agent is asked stands in"],
		["consul://web", "expected consul:///SERVICE, with three slashes"],
		["consul:///", "the service is missing: consul:///SERVICE"],
		["consul:///shop/web", '"shop/web" is no name of a service; expected consul:///SERVICE'],
		["consul:///*?tag=mesh", '"*" is no name of a service; a target names one service'],
		["consul:///web%0a", '"web\\u000a" is no name of a service'],
		[`consul:///${"a".repeat(300)}`, '…" is no name of a service'],
		["consul:///web?datacenter=a", 'unknown option "datacenter"; known: dc, tag, near, ns, partition, filter'],
		["consul:///web?tags=a", 'unknown option "tags"; did you mean "tag"?'],
		["consul:///web?dc=", "the option dc is empty; leave it out"],
		["consul:///web?dc=a&dc=b", "the option dc is given twice"],
	])("%s is refused with the reason", (text, problem) => {
		expect(read(text)).toEqual(expect.stringContaining(problem));
	});
});
