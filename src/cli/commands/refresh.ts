import type { ServicesJson } from "../../admin/admin-json.js";
import { FingerpostError } from "../../util/errors.js";
import { didYouMean } from "../../util/text/suggest.js";
import type { AdminOptions } from "../admin/admin-access.js";
import { AdminClient, errorText, withQuery } from "../admin/admin-client.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";

/**
 * Asks the source of a target again now, or those of all targets of a service.
 * @throws FingerpostError SERVICE_NOT_FOUND if there is neither, ADMIN_UNREACHABLE
 */
export async function refresh(name: string, options: AdminOptions, io: CliIo): Promise<number> {
	const client = new AdminClient(options);
	const ask = async (target: string) => {
		const isAsked = await askAgain(client, target);
		if (isAsked) io.stdout.write(`${printable(`${target} is asked again`)}\n`);
		return isAsked;
	};
	if (await ask(name)) return 0;
	const { services } = await client.getExisting<ServicesJson>("/api/v1/services");
	const service = services.find((each) => each.name === name);
	let count = 0;
	for (const { target } of service?.targets ?? []) if (await ask(target)) count++;
	if (count > 0) return 0;
	if (service) throw notFound(`${name} has no target whose source can be asked`);
	const known = services.flatMap((each) => [each.name, ...each.targets.map(({ target }) => target)]);
	throw notFound(`no service is "${name}" or has that target${didYouMean(name, new Set(known))}`);
}

/** @returns false where no service has the target. */
async function askAgain(client: AdminClient, target: string): Promise<boolean> {
	const { status, body } = await client.ask(withQuery("/api/v1/targets/refresh", { target }), "POST");
	if (status === 202 || status === 404) return status === 202;
	throw new FingerpostError("ADMIN_UNREACHABLE", `the admin port answers ${status}: ${errorText(body)}`);
}

function notFound(message: string): FingerpostError {
	return new FingerpostError("SERVICE_NOT_FOUND", message);
}
