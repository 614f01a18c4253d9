import { expect, inject, it } from "vitest";
import { startGrpcBackend } from "../../lab/backends.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { GrpcXdsClient } from "../../lab/grpc-xds-client.js";

const DATA_ERRORS = "GRPC_EXPERIMENTAL_XDS_DATA_ERROR_HANDLING=true";

const python = inject("clients").python;

// Of the clients of today gRPC's C-core knows resource errors, where it is told to (gRFC A88). Without them it waits 15 s.
it.skipIf("missing" in python)(
	"R38: a client that knows resource errors is told at once that there is no service",
	async () => {
		if ("missing" in python) throw new Error(python.missing);
		await using backend = await startGrpcBackend("a");
		await using fingerpost = await Fingerpost.start({ services: {} });
		const program = { command: "env", args: [DATA_ERRORS, python.command, ...python.args] };
		await using client = new GrpcXdsClient({ port: fingerpost.xdsPort, program });
		const { failures, slowest } = await client.calls("late", 1, 1, 60_000);
		expect(failures).toEqual([expect.stringContaining("Fingerpost has no service of this name")]);
		expect(slowest).toBeLessThan(15_000);

		await fingerpost.setServices({ late: { protocol: "grpc", endpoints: [backend.address] } });
		await client.waitForBackends("late", ["a"]);
		expect(await fingerpost.nacks()).toEqual([]);
	},
);
