import { describe, expect, it } from "vitest";
import { parseTarget } from "../../../src/model/target.js";
import { readNomadRegistry, readNomadTarget } from "../../../src/providers/nomad/nomad-target.js";

const read = (text: string) => readNomadTarget(parseTarget(text));
const readAll = (text: string) => readNomadRegistry(parseTarget(text));
const ONE = "namespace=* is not possible; name one namespace, and write a target for each";

describe("a Nomad target", () => {
	it("names a service, its namespace and region, and which of its instances", () => {
		expect(read("nomad:///web")).toEqual({ text: "nomad:///web", service: "web", tags: [], parameters: {} });
		expect(read("eu:///web?namespace=shop&region=eu&tag=v1&tag=blue")).toMatchObject({
			service: "web",
			tags: ["v1", "blue"],
			parameters: { namespace: "shop", region: "eu" },
		});
	});

	it.each([
		["nomad://agent:4646/web", "expected nomad:///SERVICE, with three slashes; which agent is asked stands in"],
		["nomad:///", "the service is missing: nomad:///SERVICE"],
		["nomad:///web?ns=shop", 'unknown option "ns"; known: namespace, tag, region'],
		["nomad:///web?namespace=*", ONE],
	])("%s is refused with the reason", (text, problem) => {
		expect(read(text)).toEqual(expect.stringContaining(problem));
	});

	it("stands for all services of a namespace, and of one only", () => {
		expect(readAll("nomad:///*?namespace=shop&tag=mesh")).toMatchObject({
			tags: ["mesh"],
			parameters: { namespace: "shop" },
		});
		expect(readAll("nomad:///web")).toBe("it names one service; expected nomad:///*");
		expect(readAll("nomad:///*?namespace=*")).toBe(ONE);
	});
});
