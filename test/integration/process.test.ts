import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { Child } from "../../lab/child.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { PATIENCE } from "../../lab/patience.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";
import { tempFolder } from "../util/temp-folder.js";

const CONFIG = { services: { web: { endpoints: ["127.0.0.1:8001"] } } };

/** Runs the built program to its end, on ports that the system picks unless told otherwise. */
async function serve(config: string, ...args: string[]): Promise<Child> {
	const listen = ["--xds-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
	const child = new Child(process.execPath, ["dist/main.js", "serve", "--config", config, ...listen, ...args]);
	const timer = setTimeout(() => child.process.kill("SIGKILL"), PATIENCE);
	await child.exited.finally(() => clearTimeout(timer));
	return child;
}

describe("the process", () => {
	it.each(["SIGTERM", "SIGINT"] as const)("ends streams in order and exits with 0 on %s", async (signal) => {
		await using fingerpost = await Fingerpost.start(CONFIG);
		using sotw = new XdsStream({ port: fingerpost.xdsPort });
		using delta = new XdsStream({ port: fingerpost.xdsPort, mode: "delta", service: "eds" });
		sotw.send({ type_url: TYPE_URL.eds, node: { id: "one" }, resource_names: ["web"] });
		delta.send({ node: { id: "two" }, resource_names_subscribe: ["web"] });
		await Promise.all([sotw.next("endpoints", () => true), delta.next("endpoints", () => true)]);

		expect(await fingerpost.kill(signal)).toEqual({ code: 0, signal: null });
		for (const ended of [await sotw.status, await delta.status]) {
			expect([status.OK, status.UNAVAILABLE]).toContain(ended.code);
			// A status of the server's, not a connection that broke.
			expect(ended.details).not.toMatch(/connection dropped|reset|RST_STREAM/i);
		}
	});

	it("takes a SIGHUP while it starts", async () => {
		await using folder = await tempFolder();
		const config = folder.file("fingerpost.yaml");
		// Nobody listens there: the start waits a second for its answer.
		await writeFile(config, "services: {web: 'dns://127.0.0.1:1/web.test:80'}");
		const listen = ["--xds-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
		await using child = new Child(process.execPath, ["dist/main.js", "serve", "--config", config, ...listen]);
		await expect.poll(() => child.stderr.join()).toContain("target failed");
		child.process.kill("SIGHUP");
		await expect.poll(() => child.stdout[0]).toMatch(/ ready /);
		expect(await child.kill("SIGTERM")).toEqual({ code: 0, signal: null });
	});

	it("picks free ports for :0 and prints them", async () => {
		await using fingerpost = await Fingerpost.start(CONFIG);
		const args = ["--xds-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
		await using child = new Child(process.execPath, [
			"dist/main.js",
			"serve",
			"--config",
			fingerpost.configPath,
			...args,
		]);
		await expect
			.poll(() => child.stdout[0])
			.toMatch(/^fingerpost \S+ ready xds=127\.0\.0\.1:[1-9]\d* admin=127\.0\.0\.1:[1-9]\d* services=1 endpoints=1$/);
		expect(await child.kill("SIGTERM")).toEqual({ code: 0, signal: null });
	});

	it.each(["--xds-listen", "--admin-listen", "--xds-rest-listen"])(
		"says that the port of %s is in use, and exits with 1",
		async (flag) => {
			await using fingerpost = await Fingerpost.start(CONFIG);
			const other = createServer();
			await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
			try {
				const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
				const child = await serve(fingerpost.configPath, flag, taken);
				expect(child.exit).toEqual({ code: 1, signal: null });
				const errors = child.stderr.join("\n");
				expect(errors).toContain(taken);
				expect(errors).toMatch(new RegExp(`in use; choose another as .*, or with ${flag}$`));
				expect(child.stdout.join()).not.toContain("ready");
			} finally {
				other.close();
			}
		},
	);

	it("exits with 1 and names every error of a bad config by its place", async () => {
		await using fingerpost = await Fingerpost.start(CONFIG);
		const path = join(fingerpost.folder, "bad.yaml");
		await writeFile(path, 'servces: {}\nservices:\n  web: {endpoints: ["127.0.0.1:99999"], conectTimeout: 1s}\n');
		const child = await serve(path);
		expect(child.exit).toEqual({ code: 1, signal: null });
		const errors = child.stderr.join("\n");
		expect(errors).toMatch(/bad\.yaml:1:1\b/);
		expect(errors).toMatch(/bad\.yaml:3:\d+.*99999/);
		expect(errors).toMatch(/bad\.yaml:3:\d+.*connectTimeout/);
	});

	it("exits with 1 and names the config that is not there", async () => {
		const child = await serve("nowhere/fingerpost.yaml");
		expect(child.exit).toEqual({ code: 1, signal: null });
		expect(child.stderr.join("\n")).toContain("nowhere/fingerpost.yaml");
	});
});
