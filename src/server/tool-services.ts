import { status } from "@grpc/grpc-js";
import type { Access } from "./access/access.js";
import type { StatusSource } from "./tools/client-config.js";
import { clientStatusService } from "./tools/client-status-service.js";
import type { Caller, GrpcService } from "./tools/grpc-service.js";
import { HealthService } from "./tools/health-service.js";
import { REFLECTION_SERVICES, reflectionServices } from "./tools/reflection-service.js";
import { addressIn } from "./transport/peer-address.js";
import { RpcError } from "./wire/rpc-error.js";

/** What tools look at. */
export interface ToolSources {
	streams(): Iterable<StatusSource>;
	/** Who may look by now. */
	access(): Access;
	/** Who the client of a call has proved to be. */
	identityOf(call: Caller): string | undefined;
}

/** What tools ask for on the port: health, client status and reflection. */
export interface ToolServices {
	readonly health: HealthService;
	readonly all: readonly GrpcService[];
}

/** @param xds the names of the services of xDS. */
export function toolServices(xds: readonly string[], { streams, access, identityOf }: ToolSources): ToolServices {
	const check = (call: Caller) => {
		const identity = identityOf(call);
		const { debug, rules } = access();
		if (!debug.allows({ identity, address: addressIn(call.getPeer()) }))
			throw new RpcError(status.PERMISSION_DENIED, debug.reason);
		return { identity, rules };
	};
	const clientStatus = clientStatusService(streams, (call, node) => {
		const { identity, rules } = check(call);
		return { allows: rules.scopeOf({ identity, node })?.allows };
	});
	const names = [...xds, clientStatus.name];
	const health = new HealthService(names);
	names.push(health.name, ...REFLECTION_SERVICES);
	return { health, all: [health, clientStatus, ...reflectionServices(names.sort(), check)] };
}
