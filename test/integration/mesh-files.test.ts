import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { describeEnvoys } from "../../lab/describe-envoys.js";

const run = promisify(execFile);
const fingerpost = async (...args: string[]) => (await run(process.execPath, ["dist/main.js", ...args])).stdout;

const MESH = "examples/mesh";
const CONTROL_PLANE = ["--server", "172.28.5.10:18000"];
const ENVOY = ["bootstrap", "envoy", "--listen", "0.0.0.0:10000", ...CONTROL_PLANE];

// That Dockerfile and docker-compose.yml are valid is for lab/check-containers.sh to say.
describe("the files of the mesh in containers", () => {
	it.each([
		["sotw.yaml", [...ENVOY, "--node-id", "envoy-sotw", "--sotw"]],
		["delta.yaml", [...ENVOY, "--node-id", "envoy-delta"]],
		["grpc.json", ["bootstrap", "grpc", "--node-id", "grpc-client", ...CONTROL_PLANE]],
	])("have the bootstrap that fingerpost prints in %s", async (name, args) => {
		const read = (text: string) => (name.endsWith(".json") ? JSON.parse(text) : parse(text));
		expect(read(readFileSync(`${MESH}/envoy/${name}`, "utf8"))).toEqual(read(await fingerpost(...args)));
	});

	it("have a valid config", async () => {
		expect(await fingerpost("validate", `${MESH}/config/fingerpost.yaml`)).toContain("is valid: 3 services");
	});

	it("use the Node that the project is tested with", () => {
		const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
			packages: Record<string, { version: string }>;
		};
		const version = lock.packages["node_modules/node"]?.version;
		expect(readFileSync("Dockerfile", "utf8")).toContain(
			`ARG NODE_IMAGE=node:${version}-bookworm-slim\nFROM \${NODE_IMAGE} AS base\n`,
		);
	});
});

describeEnvoys("the mesh's bootstraps", ({ binary, mode }) => {
	it("are accepted", async () => {
		const { stdout } = await run(binary, ["--mode", "validate", "-c", `${MESH}/envoy/${mode}.yaml`]);
		expect(stdout).toContain("OK");
	});
});
