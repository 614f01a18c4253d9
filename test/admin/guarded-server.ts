import { pino } from "pino";
import { ControlPlane } from "../../src/app/control-plane.js";
import type { ConfigInput } from "../../src/config/schema.js";

/** A control plane whose admin interface is guarded as given, and the lines that it logs. */
export async function guardedServer(admin: ConfigInput["admin"]) {
	const lines: Record<string, unknown>[] = [];
	const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
	const controlPlane = new ControlPlane(
		{ xds: { listen: "127.0.0.1:0" }, admin, services: { web: "static://10.0.0.1:80" } },
		{ log },
	);
	const addresses = await controlPlane.start();
	return { address: addresses.admin, lines, [Symbol.asyncDispose]: () => controlPlane.stop() };
}
