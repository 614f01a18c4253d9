import { expect, it } from "vitest";
import { readAnswer } from "../../src/replicas/replica-answer.js";

const answer = { replica: "r-1", version: 2, since: 0, services: [] as unknown[] };
const service = (zones: unknown, name: unknown = "web") => ({ ...answer, services: [{ name, zones }] });
const zone = (name: string) => ({ region: "eu", zone: name, clients: 1 });

it("an answer is read as it was told", () => {
	const { services, ...rest } = readAnswer(JSON.stringify(service([zone("a"), { ...zone("b"), region: "" }])), 2);
	expect(rest).toEqual({ replica: "r-1", version: 2, since: 0 });
	expect([...services]).toEqual([["web", [zone("a"), { ...zone("b"), region: "" }]]]);
});

it.each([
	["no JSON", "<html>", "no JSON object"],
	["a list", "[]", "replica is no id"],
	["an error", JSON.stringify({ error: "x" }), "replica is no id"],
	["another id", JSON.stringify({ ...answer, replica: "a b" }), "replica is no id"],
	["no version", JSON.stringify({ ...answer, version: "2" }), "version is no number"],
	["a later base", JSON.stringify({ ...answer, since: 3 }), "version is no number"],
	["no services", JSON.stringify({ ...answer, services: {} }), "services is no list"],
	["null as a service", JSON.stringify({ ...answer, services: [null] }), "a service has no name"],
	["a long name", JSON.stringify(service([], "a".repeat(254))), "a service has no name"],
	["no zones", JSON.stringify(service(null)), "no list"],
	["a zone without a name", JSON.stringify(service([{ region: "", zone: "", clients: 1 }])), "a zone has no name"],
	["a long zone", JSON.stringify(service([zone("z".repeat(129))])), "a zone has no name"],
	["a zone twice", JSON.stringify(service([zone("a"), zone("a")])), "twice"],
	["half a client", JSON.stringify(service([{ ...zone("a"), clients: 0.5 }])), "no number up to 1000000"],
	["too many clients", JSON.stringify(service([{ ...zone("a"), clients: 1_000_001 }])), "no number up to 1000000"],
	["too many zones", JSON.stringify(service([zone("a"), zone("b"), zone("c")])), "more than 2 zones"],
	["too many services", JSON.stringify({ ...answer, services: Array(100_001).fill(0) }), "more than 100000 services"],
])("%s is no answer", (_, text, why) => {
	expect(() => readAnswer(text, 2)).toThrow(why);
});
