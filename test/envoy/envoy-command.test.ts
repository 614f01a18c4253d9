import { writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { Child } from "../../lab/child.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { freePorts } from "../../lab/ports.js";
import { waitUntil } from "../../lab/wait-until.js";
import { tempFolder } from "../util/temp-folder.js";

describeEnvoys(
	"fingerpost envoy",
	({ binary }) => {
		it("runs beside another Envoy of the machine, and ends with its Envoy", async () => {
			await using folder = await tempFolder();
			const [theirs = 0, own = 0] = await freePorts(2);
			const config = async (name: string, port: number) => {
				const address = { socket_address: { address: "127.0.0.1", port_value: port } };
				await writeFile(folder.file(name), JSON.stringify({ admin: { address } }));
				return folder.file(name);
			};
			const isReady = async (port: number) => (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
			// With the base id that all have who do not say another.
			await using other = new Child(binary, ["-c", await config("other.json", theirs)]);
			// Where one of this machine has it already, that is the other one.
			await waitUntil(
				"the other one is ready, or there is one",
				async () => other.exit !== undefined || isReady(theirs),
			);
			const args = ["dist/main.js", "envoy", "-c", await config("own.json", own)];
			await using fingerpost = new Child(process.execPath, args);
			await waitUntil("its Envoy is ready", () => isReady(own));
			expect((await fingerpost.kill("SIGTERM")).code).toBe(0);
			await expect(isReady(own)).rejects.toThrow();
		});
	},
	{ versions: ["1.40.0"], modes: ["delta"] },
);
