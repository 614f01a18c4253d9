import { pino } from "pino";
import { expect, it } from "vitest";
import { warnOfOpenPorts } from "../../../src/app/log/open-ports.js";

it("a port that other machines reach is a warning, one on loopback is none", () => {
	const lines: Record<string, unknown>[] = [];
	const log = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) });
	warnOfOpenPorts(log, {
		xds: { host: "0.0.0.0", port: 18_000 },
		rest: { host: "::1", port: 18_002 },
		admin: { host: "127.0.0.1", port: 18_001 },
	});
	warnOfOpenPorts(log, { xds: { host: "localhost", port: 1 }, rest: undefined, admin: { host: "::", port: 2 } });
	const msg = "listens beyond this machine, without TLS or authentication";
	expect(lines).toEqual([
		{ level: 40, key: "xds.listen", address: "0.0.0.0:18000", msg },
		{ level: 40, key: "admin.listen", address: "[::]:2", msg },
	]);
});
