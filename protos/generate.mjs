// Generates src/gen with buf: codecs of the messages that the project encodes and decodes, and what
// server reflection answers from. The protos come with npm packages; UPSTREAM.md says which do not.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const pinned = join(here, "pinned");
const require = createRequire(import.meta.url);
const packageFolder = (name) => dirname(require.resolve(`${name}/package.json`));
const staged = join(root, "node_modules/.cache/fingerpost/protos");
const stamp = join(root, "src/gen/.stamp");

const envoy = (paths) => paths.map((path) => `envoy-api/envoy/${path}.proto`);

/** The resources of xDS, and what is nested in them as an Any. */
const resources = [
	...envoy([
		"config/cluster/v3/cluster",
		"config/endpoint/v3/endpoint",
		"config/listener/v3/listener",
		"config/route/v3/route",
		"extensions/filters/network/http_connection_manager/v3/http_connection_manager",
		"extensions/filters/http/gcp_authn/v3/gcp_authn",
		"extensions/filters/http/router/v3/router",
		"extensions/transport_sockets/http_11_proxy/v3/upstream_http_11_connect",
		"extensions/transport_sockets/tls/v3/tls",
		"extensions/upstreams/http/v3/http_protocol_options",
		"extensions/load_balancing_policies/client_side_weighted_round_robin/v3/client_side_weighted_round_robin",
		"extensions/load_balancing_policies/least_request/v3/least_request",
		"extensions/load_balancing_policies/round_robin/v3/round_robin",
		"extensions/load_balancing_policies/wrr_locality/v3/wrr_locality",
		"extensions/retry/host/previous_hosts/v3/previous_hosts",
		"extensions/retry/priority/previous_priorities/v3/previous_priorities_config",
	]),
	"xds/xds/type/v3/typed_struct.proto",
];

/** What else a Cluster or an assignment may hold as an Any: overlays are checked against it. */
const overlaid = envoy([
	"extensions/clusters/aggregate/v3/cluster",
	"extensions/health_check/event_sinks/file/v3/file",
	"extensions/load_balancing_policies/maglev/v3/maglev",
	"extensions/load_balancing_policies/pick_first/v3/pick_first",
	"extensions/load_balancing_policies/random/v3/random",
	"extensions/load_balancing_policies/ring_hash/v3/ring_hash",
	"extensions/load_balancing_policies/subset/v3/subset",
	"extensions/outlier_detection_monitors/consecutive_errors/v3/consecutive_errors",
	"extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol",
	"extensions/transport_sockets/raw_buffer/v3/raw_buffer",
	"extensions/transport_sockets/tcp_stats/v3/tcp_stats",
	"extensions/upstreams/tcp/v3/tcp_protocol_options",
]);

/** Other messages that are encoded or decoded. */
const messages = [
	...envoy(["service/discovery/v3/discovery", "service/status/v3/csds"]),
	"grpc/grpc/health/v1/health.proto",
	"grpc/grpc/reflection/v1/reflection.proto",
];

/** The services of the port, which reflection describes with all that is above. */
const services = [
	...envoy([
		"service/discovery/v3/ads",
		"service/cluster/v3/cds",
		"service/endpoint/v3/eds",
		"service/listener/v3/lds",
		"service/route/v3/rds",
	]),
	"grpc/grpc/reflection/v1alpha/reflection.proto",
];

if (upToDate()) process.exit(0);
stage();
buf("generate", [...resources, ...messages], "--template", join(here, "buf.gen.yaml"));
describe([...resources, ...overlaid, ...messages, ...services]);
writeFileSync(stamp, key());

function upToDate() {
	return existsSync(stamp) && readFileSync(stamp, "utf8") === key();
}

/** A hash of all that the output depends on. */
function key() {
	const packages = ["@grpc/grpc-js-xds", "grpc-health-check", "@grpc/reflection", "ts-proto", "@bufbuild/buf"];
	const hash = createHash("sha256");
	for (const name of ["generate.mjs", "buf.yaml", "buf.gen.yaml"]) hash.update(readFileSync(join(here, name)));
	for (const name of globSync("**/*.proto", { cwd: pinned }).sort())
		hash.update(name).update(readFileSync(join(pinned, name)));
	for (const name of packages) hash.update(readFileSync(require.resolve(`${name}/package.json`)));
	return hash.digest("hex");
}

/** Puts the modules that buf.yaml names into one folder. Pinned files replace those of the packages. */
function stage() {
	rmSync(staged, { recursive: true, force: true });
	mkdirSync(staged, { recursive: true });
	const reflection = join(packageFolder("@grpc/reflection"), "build/proto/grpc/reflection");
	cpSync(join(packageFolder("@grpc/grpc-js-xds"), "deps"), staged, { recursive: true });
	cpSync(join(packageFolder("grpc-health-check"), "proto/health"), join(staged, "grpc/grpc/health"), {
		recursive: true,
	});
	cpSync(reflection, join(staged, "grpc/grpc/reflection"), { recursive: true });
	cpSync(pinned, staged, { recursive: true });
}

function describe(paths) {
	const image = join(staged, "descriptors.binpb");
	buf("build", paths, "--as-file-descriptor-set", "--exclude-source-info", "--output", image);
	const packed = gzipSync(readFileSync(image), { level: 9 }).toString("base64");
	writeFileSync(
		join(root, "src/gen/descriptors.ts"),
		`/** A google.protobuf.FileDescriptorSet of all services and messages: gzip in base64. */\nexport const DESCRIPTORS =\n\t"${packed}";\n`,
	);
}

function buf(command, paths, ...options) {
	const args = [command, staged, "--config", join(here, "buf.yaml"), ...options];
	for (const path of paths) args.push("--path", join(staged, path));
	execFileSync(join(root, "node_modules/.bin/buf"), args, { cwd: root, stdio: "inherit" });
}
