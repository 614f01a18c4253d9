import { expect, it } from "vitest";
import { type Endpoint, endpoint } from "../../../src/model/endpoint.js";
import {
	encodeServiceAssignment,
	serviceAssignmentInSteps,
} from "../../../src/resources/assignment/service-assignment.js";
import type { View } from "../../../src/resources/view.js";

const VIEWS: readonly View[] = ["envoy", "grpc"];

function endpoints(count: number): readonly Endpoint[] {
	return Array.from({ length: count }, (_, i) => endpoint({ address: `10.0.${i >> 8}.${i & 255}`, port: 80 }));
}

function inSteps(...given: Parameters<typeof serviceAssignmentInSteps>) {
	const steps = serviceAssignmentInSteps(...given);
	for (let count = 0; ; count++) {
		const { done, value } = steps.next();
		if (done) return { value: Buffer.from(value), steps: count };
	}
}

it.each(VIEWS)("the %s view's assignment is the same in steps: two, and one for each 1,024 endpoints", (view) => {
	for (const [count, steps] of [
		[0, 2],
		[1, 2],
		[1_023, 2],
		[1_024, 3],
		[2_047, 3],
		[2_048, 4],
	] as const) {
		const list = endpoints(count);
		const value = Buffer.from(encodeServiceAssignment(view, "web", list));
		expect(inSteps(view, "web", list, undefined), `${count} endpoints`).toEqual({ value, steps });
	}
});

it.each(VIEWS)("the %s view's next assignment in steps copies what it can, which costs no step", (view) => {
	const before = endpoints(3_000);
	const { value, steps } = inSteps(view, "web", before, undefined);
	expect(steps).toBe(4);
	const after = before.with(5, { ...(before[5] as Endpoint), health: "draining" });
	const next = inSteps(view, "web", after, { value, endpoints: before });
	expect(next.value).toEqual(Buffer.from(encodeServiceAssignment(view, "web", after)));
	expect(next.steps).toBe(2);
});
