import { expect, it, vi } from "vitest";
import { NearestServices } from "../../src/app/nearest-services.js";

function servicesOf(...names: readonly string[]): NearestServices {
	return new NearestServices({ names: () => names, get: () => undefined });
}

it("finds the service that was meant, if one is near", () => {
	const services = servicesOf("greeter", "web");
	expect(services.of("greter")).toBe("greeter");
	expect(services.of("payments")).toBeUndefined();
});

it("does not look among more than a client may make it look, in a second and in all", () => {
	vi.useFakeTimers({ toFake: ["performance"] });
	try {
		const services = servicesOf("greeter");
		const found = Array.from({ length: 30 }, () => services.of("greter"));
		expect(found.filter((each) => each === "greeter")).toHaveLength(10);
		vi.advanceTimersByTime(1_000);
		expect(services.of("greter")).toBe("greeter");
		expect(servicesOf(...Array.from({ length: 1_001 }, (_, i) => `s${i}`)).of("s0x")).toBeUndefined();
	} finally {
		vi.useRealTimers();
	}
});
