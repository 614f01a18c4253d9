import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { Fingerpost, type StartOptions } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";

/** In a user namespace of its own, of which the limit is taken away: the machine keeps its own. */
function without(limit: "instances" | "watches"): readonly string[] {
	return ["unshare", "-U", "-r", "sh", "-c", `echo 0 > /proc/sys/user/max_inotify_${limit} && exec "$@"`, "sh"];
}

const REAL = { EMFILE: without("instances"), ENOSPC: without("watches") };
const HOOK = new URL("../../lab/no-watch.mjs", import.meta.url).href;
/** Where namespaces are forbidden, as in some containers, and of what no limit gives. */
function asIf(code: string): StartOptions {
	return { env: { NODE_OPTIONS: `--import ${HOOK}`, FINGERPOST_NO_WATCH: code } };
}

function how(code: "EMFILE" | "ENOSPC" | "ENOSYS"): StartOptions {
	const under = code === "ENOSYS" ? [] : REAL[code];
	const [command, ...args] = under;
	return command && spawnSync(command, [...args, "true"]).status === 0 ? { under } : asIf(code);
}

describe("where the system tells of no change", () => {
	it.each(["EMFILE", "ENOSPC", "ENOSYS"] as const)("(%s) files are looked at, and the log says so", async (code) => {
		await using fingerpost = await Fingerpost.start({ services: { web: { endpoints: ["127.0.0.1:1"] } } }, how(code));
		await fingerpost.writeFile("others.yaml", "- 127.0.0.1:11\n");
		await fingerpost.setServices({ other: `file://${fingerpost.folder}/others.yaml` });
		const told = await fingerpost.waitForWarning(/no file events: the config file is looked at every 2 s/);
		expect(told.text).toContain(code);
		using stream = new XdsStream({ port: fingerpost.xdsPort });
		stream.send({ type_url: TYPE_URL.eds, node: { id: "one" }, resource_names: ["web", "other"] });
		const has = (port: number) =>
			stream.next(`port ${port}`, (response) => JSON.stringify(response).includes(`"port_value":${port}`));
		await has(11);
		await fingerpost.writeFile("others.yaml", "- 127.0.0.1:12\n");
		await has(12);
		await fingerpost.setServices({ web: { endpoints: ["127.0.0.1:2"] } });
		await has(2);
		const [note] = await waitUntil("the service says so, too", async () => {
			const { notes } = await fingerpost.service("other");
			return notes.length > 0 && notes;
		});
		expect(note).toContain("no events for others.yaml");
		// Said once, though it is tried again at each look.
		const lines = fingerpost.log.filter(({ text }) => text.includes("no file events"));
		expect(lines).toHaveLength(1);
		expect(await fingerpost.kill("SIGTERM")).toEqual({ code: 0, signal: null });
	});
});
