import { expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";

const STRAY = [
	"SIGUSR1",
	"SIGUSR2",
	"SIGALRM",
	"SIGVTALRM",
	"SIGPROF",
	"SIGQUIT",
	"SIGPIPE",
	"SIGIO",
	"SIGPWR",
	"SIGSTKFLT",
	"SIGXCPU",
	"SIGXFSZ",
	"SIGWINCH",
	"SIGCHLD",
	"SIGURG",
	"SIGCONT",
] as const;

it("a signal that is neither INT, TERM nor HUP changes nothing, not even the log", async () => {
	await using fingerpost = await Fingerpost.start({ services: { web: { endpoints: ["127.0.0.1:1"] } } });
	using stream = new XdsStream({ port: fingerpost.xdsPort });
	stream.send({ type_url: TYPE_URL.eds, node: { id: "one" }, resource_names: ["web"] });
	await stream.next("endpoints", () => true);
	const lines = fingerpost.log.length;
	for (const signal of STRAY) {
		process.kill(fingerpost.pid, signal);
		// Signals of a kind that are pending become one; an answer shows that this one was taken.
		await waitUntil(`it answers after ${signal}`, async () => (await fingerpost.get("/healthz")) !== "");
	}
	await fingerpost.setServices({ web: { endpoints: ["127.0.0.1:2"] } });
	await stream.next("the change", (response) => JSON.stringify(response).includes('"port_value":2'));
	const since = fingerpost.log.slice(lines).map(({ msg }) => msg);
	expect(since.filter((msg) => /[Dd]ebugger|inspector|unexpected/.test(msg))).toEqual([]);
	expect(await fingerpost.kill("SIGTERM")).toEqual({ code: 0, signal: null });
});
