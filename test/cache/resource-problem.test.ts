import { expect, it } from "vitest";
import { tooLarge, withheld } from "../../src/cache/resource-problem.js";

const MIB = 1024 * 1024;
const NOBODY = { rejectedBy: null, ackedBy: null, isAccepted: false };

it("a resource that is too large is told of with its size and the limit, and was never accepted", () => {
	expect(tooLarge("web", "eds", "grpc", 1_005.26 * MIB, 3.9 * MIB)).toEqual({
		...{ name: "web", type: "eds", family: "grpc", reason: "tooLarge", since: expect.any(Date), ...NOBODY },
		message:
			"it has 1005.3 MiB, and gRPC clients receive no more than 4 MiB at a time; they keep what they have until it is smaller",
	});
});

it("a resource that is withheld is told of with the reason, since it was so first", () => {
	const since = new Date(5);
	expect(withheld("web", "cds", "grpc-tls", "no", since)).toEqual({
		...{ name: "web", type: "cds", family: "grpc", reason: "withheld", message: "no", since, ...NOBODY },
	});
	expect(withheld("web", "cds", "grpc", "no", undefined).since.getTime()).toBeGreaterThan(0);
});
