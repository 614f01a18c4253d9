// Records what real clients send, for the fuzzer: `npm run record`, whenever another version of one is tested.
import { startBackends, startGrpcBackend, startHttpBackend } from "../../lab/backends.js";
import { Envoy } from "../../lab/envoy.js";
import { ENVOY_VERSIONS, findEnvoy } from "../../lab/envoy-binary.js";
import { type BootstrapOptions, envoyBootstrap } from "../../lab/envoy-bootstrap.js";
import { FaultyServer } from "../../lab/faulty-server.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { findClient, LANGUAGES } from "../../lab/grpc-clients.js";
import { GrpcXdsClient } from "../../lab/grpc-xds-client.js";
import { RequestRecorder } from "../../lab/request-recorder.js";
import { waitUntil } from "../../lab/wait-until.js";
import { type RealRequest, writeCorpus } from "./corpus.js";

/** A client that is steered, whatever it is. */
interface Steered {
	/** Waits until the service leads there alone. */
	leadsTo(service: string, backend: "a" | "b"): Promise<void>;
	end(): Promise<void>;
}

/** What steers it: services with one address each, or none; `bad` for one that it rejects. */
interface Steering extends AsyncDisposable {
	readonly port: number;
	set(services: Readonly<Record<string, string | undefined>>): Promise<void>;
	/** Waits until what is bad is rejected, where it can be. */
	rejected(): Promise<void>;
}

async function faulty(protocol: "http1" | "grpc"): Promise<Steering> {
	const server = await FaultyServer.start({}, protocol);
	return {
		port: server.port,
		async set(services) {
			for (const [name, address] of Object.entries(services))
				if (address) server.set({ [name]: address }, protocol);
				else server.remove(name);
		},
		async rejected() {
			await waitUntil("the bad one is rejected", () => server.rejected().some(({ searching }) => !searching));
		},
		[Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
	};
}

/** The only one that has clusters for who takes them without ADS. */
async function program(): Promise<Steering> {
	const fingerpost = await Fingerpost.start({ removalGrace: "0s", xds: { cluster: "xds" }, services: {} });
	return {
		port: fingerpost.xdsPort,
		set(services) {
			const changes = Object.entries(services).filter(([, address]) => address !== "bad");
			return fingerpost.setServices(
				Object.fromEntries(changes.map(([name, address]) => [name, address ? { endpoints: [address] } : undefined])),
			);
		},
		async rejected() {},
		[Symbol.asyncDispose]: () => fingerpost[Symbol.asyncDispose](),
	};
}

const recorded: RealRequest[] = [];

/** Start, a change, a rejection, the mended one, a removal and a return: what a client has to say in its life. */
async function record(
	name: string,
	{ protocol, steering }: { protocol: "http1" | "grpc"; steering: Promise<Steering> },
	start: (port: number, addresses: Readonly<Record<"a" | "b", string>>) => Promise<Steered>,
): Promise<void> {
	await using backends = await startBackends(protocol === "grpc" ? startGrpcBackend : startHttpBackend, "a", "b");
	const [a, b] = [backends.a.address, backends.b.address];
	await using server = await steering;
	await server.set({ web: a, other: a });
	await using recorder = await RequestRecorder.to(server.port);
	const client = await start(recorder.port, { a, b });
	try {
		for (const service of ["web", "other"]) await client.leadsTo(service, "a");
		await server.set({ web: b, other: "bad" });
		await client.leadsTo("web", "b");
		await server.rejected();
		await server.set({ other: b });
		await client.leadsTo("other", "b");
		await server.set({ web: a, late: a, other: undefined });
		await client.leadsTo("web", "a");
		await server.set({ other: a });
		await client.leadsTo("other", "a");
	} finally {
		await client.end();
	}
	const seen = new Set<string>();
	for (const { method, message } of recorder.requests) {
		const key = `${method} ${message.toString("latin1")}`;
		if (seen.has(key)) continue;
		seen.add(key);
		recorded.push({ client: name, method, message });
	}
	console.log(`${name}: ${recorder.requests.length} requests, ${seen.size} of them different`);
}

async function steerEnvoy(
	binary: string,
	options: Omit<BootstrapOptions, "xds">,
	port: number,
	addresses: Readonly<Record<"a" | "b", string>>,
): Promise<Steered> {
	const envoy = await Envoy.start(binary, envoyBootstrap({ ...options, xds: [port] }));
	return {
		leadsTo: (service, backend) => envoy.waitForHosts(service, [addresses[backend]]),
		end: () => envoy[Symbol.asyncDispose](),
	};
}

for (const version of ENVOY_VERSIONS) {
	const found = await findEnvoy(version);
	if ("missing" in found) throw new Error(found.missing);
	for (const mode of ["sotw", "delta"] as const)
		for (const clusters of ["ads", "cds", ["web", "other"]] as const)
			await record(
				`Envoy ${version}`,
				{ protocol: "http1", steering: clusters === "cds" ? program() : faulty("http1") },
				(port, addresses) => steerEnvoy(found.path, { mode, clusters }, port, addresses),
			);
}

for (const language of LANGUAGES) {
	const found = await findClient(language);
	if ("missing" in found) throw new Error(found.missing);
	await record(`gRPC ${language}`, { protocol: "grpc", steering: faulty("grpc") }, async (port) => {
		const client = new GrpcXdsClient({ port, program: found });
		await client.calls("nobody", 1, 1, 500);
		return {
			leadsTo: (service, backend) => client.waitForBackends(service, [backend]),
			end: () => client[Symbol.asyncDispose](),
		};
	});
}

writeCorpus(recorded);
