import { mkdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { FingerpostError, messageOf } from "../../util/errors.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";
import { Authority } from "./authority.js";

export interface CertificatesOptions {
	/** Names and addresses of the server, beside those of this machine. */
	readonly name?: readonly string[];
	/** What the client is: a SPIFFE ID, or a DNS name. */
	readonly client: string;
	readonly days: number;
}

const OWN_NAMES = ["localhost", "127.0.0.1", "::1"];
const DAY_MS = 86_400_000;

/**
 * Writes a CA, a certificate of a server and one of a client into a folder. What is there is kept.
 * @throws FingerpostError USAGE if a file is there already
 */
export async function certificates(folder: string, options: CertificatesOptions, io: CliIo): Promise<number> {
	const { name = [], client, days } = options;
	const authority = await Authority.create("Fingerpost, for trying only", days);
	const notAfter = new Date(Date.now() + days * DAY_MS);
	const names = [...new Set([...OWN_NAMES, hostname(), ...name])];
	const server = await authority.issue({ commonName: "fingerpost", names, usage: "server", notAfter });
	const its = await authority.issue({ commonName: "client", names: [client], usage: "client", notAfter });
	const files = [
		["ca.crt", authority.cert],
		["server.crt", server.cert],
		["server.key", server.key],
		["client.crt", its.cert],
		["client.key", its.key],
	] as const;
	try {
		await mkdir(folder, { recursive: true });
		for (const [file, text] of files)
			await writeFile(join(folder, file), text, { flag: "wx", mode: file.endsWith(".key") ? 0o600 : 0o644 });
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code === "EEXIST")
			throw new FingerpostError("USAGE", `${folder} has certificates already: choose another folder, or remove them`);
		throw new FingerpostError("USAGE", `cannot write to ${folder}: ${messageOf(cause)}`, { cause });
	}
	io.stdout.write(`${printable(`${files.map(([file]) => file).join(", ")} are in ${folder}, for ${days} days`)}\n`);
	io.stderr.write("For trying only: the CA's key is not kept, so that nothing else can be made of it.\n");
	return 0;
}
