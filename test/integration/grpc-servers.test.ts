import { describe, expect, inject, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { goProgram } from "../../lab/go-program.js";
import { GrpcXdsClient } from "../../lab/grpc-xds-client.js";
import { waitUntil } from "../../lab/wait-until.js";
import { goServer, javaServer, pythonServer, type ServerProgram, XdsGrpcServer } from "../../lab/xds-grpc-server.js";

const clients = inject("clients");

interface Case {
	readonly program: ServerProgram | { readonly missing: string };
	/** The addresses that it can be told to listen on, and the one that it then asks for. */
	readonly listen: readonly (readonly [argument: (port: number) => string, asked: (port: string) => string])[];
}

const CASES: Readonly<Record<string, Case>> = {
	"grpc-go": {
		program: goServer(await goProgram("go-server")),
		listen: [
			[(port) => `127.0.0.1:${port}`, (port) => `127.0.0.1:${port}`],
			[(port) => `[::]:${port}`, (port) => `[::]:${port}`],
		],
	},
	"grpcio (Python)": {
		program: pythonServer(clients.python),
		listen: [
			[(port) => `127.0.0.1:${port}`, (port) => `127.0.0.1:${port}`],
			[(port) => `0.0.0.0:${port}`, (port) => `0.0.0.0:${port}`],
		],
	},
	"grpc-java": { program: javaServer(clients.java), listen: [[String, (port) => `0.0.0.0:${port}`]] },
};

for (const [language, { program, listen }] of Object.entries(CASES)) {
	const title = `a gRPC server of ${language} that takes its config by xDS`;
	if ("missing" in program) {
		if (process.env.CI === "true") throw new Error(program.missing);
		describe.skip(`${title} (skipped: ${program.missing})`, () => {});
		continue;
	}
	describe(title, () => {
		for (const [argument, asked] of listen) {
			it(`serves on ${asked("PORT")}, and goes on while the control plane is away and after it is back`, async () => {
				await using fingerpost = await Fingerpost.start({ services: {} });
				await using server = await XdsGrpcServer.start(program, fingerpost.xdsPort, argument);
				const name = await server.answers();
				const port = server.address.split(":")[1] as string;
				const listener = `grpc/server?xds.resource.listening_address=${asked(port)}`;
				const isSynced = async () => {
					const [client, ...more] = await fingerpost.clients();
					if (more.length > 0) throw new Error("more than one client");
					return client?.types.lds?.synced && client.types.lds;
				};
				const lds = await waitUntil("the listener is ACKed", isSynced);
				expect(lds).toMatchObject({ mode: "sotw", names: [listener], nacked: null });
				const before = lds.sent?.version;

				await fingerpost.kill();
				expect(await server.call()).toBe(name);
				await fingerpost.startAgain();
				const again = await waitUntil("the listener is ACKed again", isSynced);
				expect(again.sent?.version).toBe(before);
				expect(await server.call()).toBe(name);
			});
		}
	});
}

describe("gRPC at both ends", () => {
	it("a client finds a server, both by xDS and without a proxy", async ({ skip }) => {
		const { program } = CASES["grpc-go"] as Case;
		if ("missing" in program) return skip(program.missing);
		await using fingerpost = await Fingerpost.start({ services: {} });
		await using server = await XdsGrpcServer.start(program, fingerpost.xdsPort);
		await fingerpost.setServices({ echo: { protocol: "grpc", endpoints: [server.address] } });
		await using client = new GrpcXdsClient({ port: fingerpost.xdsPort });
		await client.waitForBackends("echo", [server.address]);
	});
});
