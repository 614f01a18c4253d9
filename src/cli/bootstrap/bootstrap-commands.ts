import { hostname } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { HostPort } from "../../model/host-port.js";
import { serviceNameProblem } from "../../model/service.js";
import { FingerpostError } from "../../util/errors.js";
import type { CliIo } from "../cli-io.js";
import { type Exit, examples, outputOption } from "../command-parts.js";
import { connectAddress, connectAddresses, portNumber, serverUris } from "../option-parsers.js";
import type { BootstrapTls, EnvoyTls } from "./envoy-tls.js";

const DEFAULT_SERVERS: readonly HostPort[] = [{ host: "127.0.0.1", port: 18_000 }];
const DEFAULT_URIS: readonly string[] = ["127.0.0.1:18000"];

/** `bootstrap envoy` and `bootstrap grpc`. */
export function addBootstrapCommands(program: Command, io: CliIo, exit: Exit): void {
	const bootstrap = program.command("bootstrap").description("print a bootstrap for Envoy or for gRPC clients");
	examples(bootstrap, [["fingerpost bootstrap envoy > envoy.yaml"], ["fingerpost bootstrap grpc > bootstrap.json"]]);

	const envoy = commonBootstrapOptions(
		bootstrap.command("envoy"),
		"yaml",
		serverOption(connectAddresses, DEFAULT_SERVERS),
	)
		.description("print a bootstrap for Envoy")
		.option("--cluster <name>", "Envoy's node.cluster: what this Envoy is part of", "fingerpost")
		.option("--sotw", "state of the world instead of delta")
		.addOption(
			new Option("--listen <host:port>", "where the proxy takes requests")
				.argParser(connectAddress)
				.default({ host: "127.0.0.1", port: 10_000 }, "127.0.0.1:10000"),
		)
		.addOption(
			new Option("--admin-port <port>", "the port of Envoy's admin interface on 127.0.0.1")
				.argParser(portNumber)
				.default(19_000),
		)
		.addOption(
			new Option(
				"--service <name>",
				"send all requests there, not to the service that the Host header names",
			).argParser(serviceName),
		)
		.addOption(
			new Option("--eds-only <names...>", "static clusters of these names: only their endpoints come by xDS").argParser(
				(text, before: readonly string[] | undefined) => [...(before ?? []), serviceName(text)],
			),
		)
		.addOption(
			new Option(
				"--local-cluster <name>",
				"with --zone: Envoy's own zone-aware routing; the service whose endpoints are this Envoy and its like",
			).argParser(serviceName),
		)
		.option("--server-name <name>", "with --tls: the name or SPIFFE ID in the certificate; the host unless given")
		.option("--spire <socket>", "with --tls: CAs and certificate come from SPIRE's agent, in place of files")
		.option(
			"--out <folder>",
			"with --tls: write envoy.yaml and the secrets' files there, so that certificates are followed",
		)
		.action(async (options) => {
			const { bootstrapEnvoy } = await import("./bootstrap.js");
			const { serverName, out, spire } = options;
			if (spire && [options.ca, options.cert, options.key, out].some((each) => each !== undefined))
				throw new FingerpostError("USAGE", "--spire stands for --ca, --cert, --key and --out");
			if (options.localCluster !== undefined && options.zone === undefined)
				throw new FingerpostError("USAGE", "--local-cluster needs --zone: without one Envoy knows no zone to keep to");
			const given = { ...(serverName && { serverName }), ...(out && { secrets: out }), ...(spire && { spire }) };
			const tls = tlsOf(options, given);
			exit(await bootstrapEnvoy({ ...options, servers: options.server, tls }, io));
		});
	examples(envoy, [
		["fingerpost bootstrap envoy > envoy.yaml && envoy -c envoy.yaml"],
		["curl -H 'Host: web' http://127.0.0.1:10000/", "through this Envoy to the service web"],
		["fingerpost bootstrap envoy --server 10.0.0.1:18000 --server 10.0.0.2:18000", "two replicas"],
		["fingerpost bootstrap envoy --tls --ca ca.crt --cert client.crt --key client.key --out envoy"],
	]);

	const grpc = commonBootstrapOptions(bootstrap.command("grpc"), "json", serverOption(serverUris, DEFAULT_URIS))
		.description("print a bootstrap for gRPC clients")
		.option("--trusted", "take the :authority of calls from here too, where services have hostRewrite: auto")
		.option("--upstream-tls", "with certificate providers: services may be reached by TLS, with the system's CAs")
		.option("--upstream-ca <file>", "the same, with the CAs of services that name a file")
		.option("--upstream-cert <file>", "the same, with the certificate that services are shown which ask for one")
		.option("--upstream-key <file>", "the key of that certificate")
		.option("--proxies", "the client knows HTTP proxies to endpoints (gRFC A86): it gets the proxy of services")
		.action(async (options) => {
			const { bootstrapGrpc } = await import("./bootstrap.js");
			const tls = { tls: tlsOf(options, {}), upstreamTls: upstreamTlsOf(options) };
			exit(await bootstrapGrpc({ ...options, servers: options.server, ...tls }, io));
		});
	examples(grpc, [
		["fingerpost bootstrap grpc > bootstrap.json"],
		["GRPC_XDS_BOOTSTRAP=bootstrap.json my-client xds:///web"],
		["fingerpost bootstrap grpc --server http://10.0.0.1:18000", "for tonic-xds, which takes nothing else"],
		["fingerpost bootstrap grpc --upstream-tls", "for services with https:// targets"],
	]);
}

function serverOption<T>(parse: (text: string, before: T | undefined) => T, byDefault: T): Option {
	return (
		new Option("--server <host:port>", "a replica of the control plane; may be given several times")
			// commander hands the default over as the value before the first.
			.argParser((text, before: T | undefined) => parse(text, before === byDefault ? undefined : before))
			.default(byDefault, "127.0.0.1:18000")
	);
}

function commonBootstrapOptions(command: Command, output: "json" | "yaml", server: Option): Command {
	return command
		.addOption(server)
		.addOption(new Option("--node-id <id>", "the name of this client").default(hostname(), "the host name"))
		.option("--region <name>", "where the client runs")
		.option("--zone <name>", "where in the region the client runs")
		.option("--tls", "connect by TLS")
		.option("--ca <file>", "with --tls: the CA of the control plane's certificate; the system's unless given")
		.option("--cert <file>", "with --tls: the client's certificate")
		.option("--key <file>", "with --tls: the key of that certificate")
		.option("--token-file <file>", "with --tls: a token that the client brings with its calls")
		.addOption(outputOption(["yaml", "json"], output));
}

interface TlsOptions extends BootstrapTls {
	readonly tls?: boolean;
}

/** @throws FingerpostError USAGE for options of which another one is missing. */
function tlsOf<T extends EnvoyTls>(options: TlsOptions, more: T): (BootstrapTls & T) | undefined {
	const { tls, ca, cert, key, tokenFile } = options;
	const given = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(tokenFile && { tokenFile }) };
	if (!tls && Object.keys({ ...given, ...more }).length > 0)
		throw new FingerpostError(
			"USAGE",
			"--ca, --cert, --key, --token-file, --server-name, --spire and --out go with --tls",
		);
	if ((cert === undefined) !== (key === undefined))
		throw new FingerpostError("USAGE", "--cert and --key belong together");
	return tls ? { ...given, ...more } : undefined;
}

interface UpstreamTlsOptions {
	readonly upstreamTls?: boolean;
	readonly upstreamCa?: string;
	readonly upstreamCert?: string;
	readonly upstreamKey?: string;
}

/** @throws FingerpostError USAGE for a certificate without its key. */
function upstreamTlsOf(options: UpstreamTlsOptions): BootstrapTls | undefined {
	const { upstreamTls, upstreamCa: ca, upstreamCert: cert, upstreamKey: key } = options;
	if ((cert === undefined) !== (key === undefined))
		throw new FingerpostError("USAGE", "--upstream-cert and --upstream-key belong together");
	const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
	return upstreamTls || Object.keys(files).length > 0 ? files : undefined;
}

function serviceName(text: string): string {
	const problem = serviceNameProblem(text);
	if (problem) throw new InvalidArgumentError(`${problem}.`);
	return text;
}
