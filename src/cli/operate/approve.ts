import type { ServicesJson } from "../../admin/admin-json.js";
import { FingerpostError } from "../../util/errors.js";
import { didYouMean } from "../../util/text/suggest.js";
import type { AdminOptions } from "../admin/admin-access.js";
import { AdminClient, errorText } from "../admin/admin-client.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";

/**
 * Believes the sources of a service: endpoints that are held go.
 * @throws FingerpostError SERVICE_NOT_FOUND if there is no such service, ADMIN_UNREACHABLE
 */
export async function approve(service: string, options: AdminOptions, io: CliIo): Promise<number> {
	const client = new AdminClient(options);
	const { status, body } = await client.ask(`/api/v1/services/${encodeURIComponent(service)}/approve`, "POST");
	if (status === 200) {
		const { released } = JSON.parse(body) as { readonly released: number };
		const what =
			released === 0
				? `nothing of ${service} is held`
				: `${released} endpoint${released === 1 ? "" : "s"} of ${service} ${released === 1 ? "is" : "are"} held no longer`;
		io.stdout.write(`${printable(what)}\n`);
		return 0;
	}
	if (status !== 404)
		throw new FingerpostError("ADMIN_UNREACHABLE", `the admin port answers ${status}: ${errorText(body)}`);
	const { services } = await client.getExisting<ServicesJson>("/api/v1/services");
	const names = new Set(services.map(({ name }) => name));
	throw new FingerpostError("SERVICE_NOT_FOUND", `there is no service "${service}"${didYouMean(service, names)}`);
}
