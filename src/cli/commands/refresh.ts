import type { ServicesJson } from "../../admin/admin-json.js";
import { FingerpostError } from "../../util/errors.js";
import { didYouMean } from "../../util/text/suggest.js";
import type { AdminOptions } from "../admin/admin-access.js";
import { AdminClient, errorText, withQuery } from "../admin/admin-client.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";

/**
 * Asks the source of a target again now.
 * @throws FingerpostError SERVICE_NOT_FOUND if no service has it, ADMIN_UNREACHABLE
 */
export async function refresh(target: string, options: AdminOptions, io: CliIo): Promise<number> {
	const client = new AdminClient(options);
	const { status, body } = await client.ask(withQuery("/api/v1/targets/refresh", { target }), "POST");
	if (status === 202) {
		io.stdout.write(`${printable(`${target} is asked again`)}\n`);
		return 0;
	}
	if (status !== 404)
		throw new FingerpostError("ADMIN_UNREACHABLE", `the admin port answers ${status}: ${errorText(body)}`);
	const { services } = await client.getExisting<ServicesJson>("/api/v1/services");
	const targets = services.flatMap((service) => service.targets.map((each) => each.target));
	throw new FingerpostError(
		"SERVICE_NOT_FOUND",
		`no service has the target "${target}"${didYouMean(target, new Set(targets))}`,
	);
}
