// Generates src/gen with buf from the protos that npm packages bring (@grpc/grpc-js-xds, grpc-health-check and
// @grpc/reflection); nothing of theirs is committed. Besides the codecs it writes what server reflection answers from.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const require = createRequire(import.meta.url);
const packageFolder = (name) => dirname(require.resolve(`${name}/package.json`));
const staged = join(root, "node_modules/.cache/fingerpost/protos");
const stamp = join(root, "src/gen/.stamp");

/** What the project encodes and decodes; imports follow by themselves. */
const wanted = [
	"envoy/service/status/v3/csds.proto",
	"envoy/service/discovery/v3/discovery.proto",
	"envoy/config/endpoint/v3/endpoint.proto",
	"envoy/config/cluster/v3/cluster.proto",
	"envoy/config/listener/v3/listener.proto",
	"envoy/config/route/v3/route.proto",
	"envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto",
	"envoy/extensions/filters/http/router/v3/router.proto",
	"envoy/extensions/upstreams/http/v3/http_protocol_options.proto",
].map((path) => `envoy-api/${path}`);
wanted.push("grpc/grpc/health/v1/health.proto", "grpc/grpc/reflection/v1/reflection.proto");

/** What reflection describes besides: the services of the port. */
const services = ["discovery/v3/ads", "cluster/v3/cds", "endpoint/v3/eds", "listener/v3/lds", "route/v3/rds"].map(
	(name) => `envoy-api/envoy/service/${name}.proto`,
);
services.push("grpc/grpc/reflection/v1alpha/reflection.proto");

const inputs = ["generate.mjs", "buf.yaml", "buf.gen.yaml"].map((name) => readFileSync(join(here, name), "utf8"));
const packages = ["@grpc/grpc-js-xds", "grpc-health-check", "@grpc/reflection", "ts-proto", "@bufbuild/buf"];
for (const name of packages) {
	inputs.push(readFileSync(require.resolve(`${name}/package.json`), "utf8"));
}
const key = createHash("sha256").update(inputs.join("\0")).digest("hex");
if (existsSync(stamp) && readFileSync(stamp, "utf8") === key) process.exit(0);

rmSync(staged, { recursive: true, force: true });
mkdirSync(staged, { recursive: true });
cpSync(join(packageFolder("@grpc/grpc-js-xds"), "deps"), staged, { recursive: true });
// As deep as their packages are named, for buf.
const health = "grpc/grpc/health/v1/health.proto";
cpSync(join(packageFolder("grpc-health-check"), "proto/health/v1/health.proto"), join(staged, health));
const reflection = join(packageFolder("@grpc/reflection"), "build/proto/grpc/reflection");
cpSync(reflection, join(staged, "grpc/grpc/reflection"), { recursive: true });
// The package's validate.proto is older than its envoy-api and has no `StringRules.ignore_empty`, so buf cannot link
// the one file that uses it. The option only matters to validators, which are not generated.
const protocol = join(staged, "envoy-api/envoy/config/core/v3/protocol.proto");
writeFileSync(protocol, readFileSync(protocol, "utf8").replaceAll(/ ignore_empty: (true|false)/g, ""));

buf("generate", wanted, "--template", join(here, "buf.gen.yaml"));
const image = join(staged, "descriptors.binpb");
buf("build", [...wanted, ...services], "--as-file-descriptor-set", "--exclude-source-info", "--output", image);
const packed = gzipSync(readFileSync(image), { level: 9 }).toString("base64");
writeFileSync(
	join(root, "src/gen/descriptors.ts"),
	`/** A google.protobuf.FileDescriptorSet of all services and messages: gzip in base64. */\nexport const DESCRIPTORS =\n\t"${packed}";\n`,
);
writeFileSync(stamp, key);

function buf(command, paths, ...options) {
	const args = [command, staged, "--config", join(here, "buf.yaml"), ...options];
	for (const path of paths) args.push("--path", join(staged, path));
	execFileSync(join(root, "node_modules/.bin/buf"), args, { cwd: root, stdio: "inherit" });
}
