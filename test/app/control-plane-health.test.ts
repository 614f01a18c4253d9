import { beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { ControlPlane } from "../../src/app/control-plane.js";
import type { Config } from "../../src/config/config.js";
import {
	HealthCheckResponse_ServingStatus as Health,
	HealthCheckRequest,
	HealthCheckResponse,
} from "../../src/gen/grpc/health/v1/health.js";
import { DEFAULT_LIMITS } from "../../src/model/limits.js";
import type { ServiceDefinition } from "../../src/model/service.js";
import { definitions, FakeProvider, service } from "../catalog/fake-provider.js";
import { GrpcCaller } from "../server/grpc-call.js";

const FAST = "fake:///fast";
const SLOW = "fake:///slow";

let provider: FakeProvider;

beforeEach(() => {
	provider = new FakeProvider();
});

const REST = { cluster: "fingerpost-rest", refreshDelay: 5_000 };

function config(services: readonly ServiceDefinition[], syncDeadline = 60_000): Config {
	return {
		xds: { cluster: "fingerpost-xds", listen: { host: "127.0.0.1", port: 0 }, limits: DEFAULT_LIMITS, rest: REST },
		admin: { listen: { host: "127.0.0.1", port: 0 } },
		removalGrace: 30_000,
		syncDeadline,
		maxEndpoints: 50_000,
		providers: new Map(),
		services: definitions(...services),
		digest: "",
	};
}

async function health(caller: GrpcCaller): Promise<string> {
	const codecs = [HealthCheckRequest, HealthCheckResponse] as const;
	return Health[(await caller.unary("/grpc.health.v1.Health/Check", codecs, { service: "" })).status];
}

describe("the health of the control plane", () => {
	it("is SERVING at once where nothing has to be found", async () => {
		await using controlPlane = new ControlPlane(config([]), { registry: provider.registry });
		using caller = new GrpcCaller((await controlPlane.start()).xds.port);
		expect(await health(caller)).toBe("SERVING");
	});

	it("is NOT_SERVING until all sources have answered, and SERVING from then on, whatever fails or is added", async () => {
		const services = [service("a", [FAST]), service("b", [SLOW])];
		await using controlPlane = new ControlPlane(config(services), { registry: provider.registry });
		const starting = controlPlane.start();
		provider.answer(FAST, 1);
		using caller = new GrpcCaller((await starting).xds.port);
		expect(await health(caller)).toBe("NOT_SERVING");
		provider.answer(SLOW);
		await waitUntil("it is serving", async () => (await health(caller)) === "SERVING");
		provider.fail(FAST);
		controlPlane.reload(config([...services, service("c", ["fake:///never"])]));
		expect(await health(caller)).toBe("SERVING");
	});

	it("is ready, too, where a source has failed, and stays so when a service comes that is unknown", async () => {
		const services = [service("a", [FAST]), service("b", [SLOW])];
		await using controlPlane = new ControlPlane(config(services), { registry: provider.registry });
		const starting = controlPlane.start();
		provider.answer(FAST, 1);
		const { admin, xds } = await starting;
		using caller = new GrpcCaller(xds.port);
		const status = async (path: string) => (await fetch(`http://127.0.0.1:${admin.port}${path}`)).status;
		expect([await status("/readyz"), await health(caller)]).toEqual([503, "NOT_SERVING"]);
		provider.fail(SLOW);
		await waitUntil("it is ready", async () => (await status("/readyz")) === 200);
		expect([await status("/readyz?strict"), await health(caller)]).toEqual([503, "SERVING"]);
		controlPlane.reload(config([service("a", [FAST]), service("new", ["fake:///never"])]));
		expect([await status("/readyz"), await status("/readyz?strict")]).toEqual([200, 503]);
	});

	it("is SERVING when the sync deadline is over, for what is known can be served", async () => {
		const services = [service("a", [FAST]), service("b", [SLOW])];
		await using controlPlane = new ControlPlane(config(services, 1_500), { registry: provider.registry });
		const starting = controlPlane.start();
		provider.answer(FAST, 1);
		using caller = new GrpcCaller((await starting).xds.port);
		await waitUntil("it is serving", async () => (await health(caller)) === "SERVING");
	});
});
