import type { ChecksumJson } from "../../admin/lists/checksum.js";
import type { AdminsOptions } from "../admin/admin-access.js";
import { AdminClient } from "../admin/admin-client.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";

type Summed = ChecksumJson["services"][number];

/** They differ at least since either of them changed last. */
function since(a: Summed, b: Summed): string {
	const times = [a.since, b.since].filter((time) => typeof time === "string").sort();
	const newest = times.at(-1);
	return newest === undefined ? "" : ` since ${newest}`;
}

/**
 * Tells in which services control planes differ.
 * @param admin the first one is what the others are held against.
 * @returns 0 if all serve the same, else 1.
 * @throws FingerpostError ADMIN_UNREACHABLE
 */
export async function checksum({ admin, ...how }: AdminsOptions, io: CliIo): Promise<number> {
	const answers = await Promise.all(
		admin.map(async (each) => {
			const client = new AdminClient({ ...how, admin: each });
			const { checksum: whole, services } = await client.getExisting<ChecksumJson>("/api/v1/checksum");
			return { where: client.access.name, whole, services: new Map(services.map((each) => [each.name, each])) };
		}),
	);
	for (const { where, whole, services } of answers) {
		io.stdout.write(`${printable(`${where} ${whole} ${services.size} services`)}\n`);
	}
	const [first, ...others] = answers;
	let differences = 0;
	for (const { where, services } of others) {
		for (const name of new Set([...(first?.services.keys() ?? []), ...services.keys()])) {
			const [a, b] = [first?.services.get(name), services.get(name)];
			if (a?.checksum === b?.checksum) continue;
			differences++;
			const how =
				b === undefined
					? `is not at ${where}`
					: a === undefined
						? `is only at ${where}`
						: `differs at ${where}${since(a, b)}`;
			io.stdout.write(`${printable(`${name} ${how}`)}\n`);
		}
	}
	return differences === 0 ? 0 : 1;
}
