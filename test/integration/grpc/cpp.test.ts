import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { type ClientProgram, findClient } from "../../../lab/grpc-clients.js";
import { GrpcLab } from "../../../lab/grpc-lab.js";
import { testOtherClient } from "./other-client.js";
import { testPolicies } from "./policies.js";

const found = await findClient("cpp");
const name = "gRPC C++ of the distribution";

testOtherClient(name, { found, shares: { a: 0.25, b: 0.75 } });

describe.skipIf("missing" in found)(name, () => {
	let lab: GrpcLab;
	beforeAll(async () => {
		lab = await GrpcLab.start({ program: found as ClientProgram, config: () => ({ services: {} }) });
	});
	afterAll(() => lab?.[Symbol.asyncDispose]());
	afterEach(async () => expect(await lab.fingerpost.nacks()).toEqual([]));

	testPolicies("cpp", () => lab);
});
