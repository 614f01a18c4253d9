import { expect, it } from "vitest";
import type { SentResourceJson } from "../../../src/admin/resources/resource-routes.js";
import { renderResources } from "../../../src/cli/operate/resources.js";

const eds: SentResourceJson = {
	...{ type: "eds", typeUrl: "type.googleapis.com/E", name: "web", view: "envoy", family: "envoy" },
	...{ version: "v1", bytes: 57, inUse: true, problem: null, resource: null },
};

it("has a line for each resource, with what is wrong with it", () => {
	const none = { version: null, bytes: null, inUse: false };
	const cds: SentResourceJson = {
		...{ ...eds, ...none, type: "cds", view: "grpc", family: "grpc" },
		problem: { reason: "withheld", message: "it wants TLS" },
	};
	const style = { wide: false, colours: false, now: new Date(0) };
	expect(renderResources({ service: "web", resources: [eds, cds] }, style).split("\n")).toEqual([
		"TYPE   VIEW    VERSION   BYTES   USED   PROBLEM",
		"eds    envoy   v1        57      yes    -",
		"cds    grpc    -         -       no     withheld: it wants TLS",
		"",
	]);
	expect(renderResources({ service: "web", resources: [] }, style)).toBe("");
});
