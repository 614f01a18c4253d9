// Generates src/gen from the protos of the npm package @grpc/grpc-js-xds with buf; nothing of theirs is committed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const require = createRequire(import.meta.url);
const source = join(dirname(require.resolve("@grpc/grpc-js-xds/package.json")), "deps");
const staged = join(root, "node_modules/.cache/fingerpost/protos");
const stamp = join(root, "src/gen/.stamp");

/** What the project encodes and decodes; imports follow by themselves. */
const wanted = [
	"envoy/service/discovery/v3/discovery.proto",
	"envoy/config/endpoint/v3/endpoint.proto",
	"envoy/config/cluster/v3/cluster.proto",
	"envoy/config/listener/v3/listener.proto",
	"envoy/config/route/v3/route.proto",
	"envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto",
	"envoy/extensions/filters/http/router/v3/router.proto",
	"envoy/extensions/upstreams/http/v3/http_protocol_options.proto",
];

const inputs = ["generate.mjs", "buf.yaml", "buf.gen.yaml"].map((name) => readFileSync(join(here, name), "utf8"));
for (const name of ["@grpc/grpc-js-xds", "ts-proto", "@bufbuild/buf"]) {
	inputs.push(readFileSync(require.resolve(`${name}/package.json`), "utf8"));
}
const key = createHash("sha256").update(inputs.join("\0")).digest("hex");
if (existsSync(stamp) && readFileSync(stamp, "utf8") === key) process.exit(0);

rmSync(staged, { recursive: true, force: true });
mkdirSync(staged, { recursive: true });
cpSync(source, staged, { recursive: true });
// The package's validate.proto is older than its envoy-api and has no `StringRules.ignore_empty`, so buf cannot link
// the one file that uses it. The option only matters to validators, which are not generated.
const protocol = join(staged, "envoy-api/envoy/config/core/v3/protocol.proto");
writeFileSync(protocol, readFileSync(protocol, "utf8").replaceAll(/ ignore_empty: (true|false)/g, ""));

const args = ["generate", staged, "--config", join(here, "buf.yaml"), "--template", join(here, "buf.gen.yaml")];
for (const path of wanted) args.push("--path", join(staged, "envoy-api", path));
execFileSync(join(root, "node_modules/.bin/buf"), args, { cwd: root, stdio: "inherit" });
writeFileSync(stamp, key);
