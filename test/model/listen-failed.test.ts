import { describe, expect, it } from "vitest";
import { ListenFailed } from "../../src/model/listen/listen-failed.js";

function failure(code: string, port: number, host = "127.0.0.1"): ListenFailed {
	const cause = Object.assign(new Error(`listen ${code}`), { code });
	return new ListenFailed("cannot listen for xDS", "xds.listen", { host, port }, cause);
}

describe("an address that cannot be bound", () => {
	it.each([
		["EADDRINUSE", 18_000, true, /: the port is in use; choose another as xds\.listen$/],
		["EACCES", 80, false, /: permission denied; ports below 1024 need .*CAP_NET_BIND_SERVICE.*xds\.listen$/],
		["EACCES", 8080, false, /: listen EACCES$/],
		["EADDRNOTAVAIL", 18_000, false, /: this machine does not have the address 127\.0\.0\.1/],
		["EMFILE", 18_000, false, /: listen EMFILE$/],
	])("by %s on port %d says what to do", (code, port, inUse, message) => {
		const error = failure(code, port);
		expect(error.message).toMatch(/^cannot listen for xDS on 127\.0\.0\.1:/);
		expect(error.message).toMatch(message);
		expect([error.code, error.inUse, error.setting]).toEqual(["LISTEN_FAILED", inUse, "xds.listen"]);
	});
});
