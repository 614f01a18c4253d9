import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { Authority, type Issued, type IssueOptions } from "../src/cli/certificates/authority.js";

export const SPIFFE_ID = "spiffe://lab.test/ns/shop/sa/web";
const SERVER_NAMES = ["localhost", "127.0.0.1"];

/** A folder with a CA's certificates: `ca.crt`, `server.crt`, `server.key`, `client.crt`, `client.key`. */
export class CertificateLab implements AsyncDisposable {
	readonly folder: string;
	readonly authority: Authority;
	readonly client: Issued;
	#links = 0;

	private constructor(folder: string, authority: Authority, client: Issued) {
		this.folder = folder;
		this.authority = authority;
		this.client = client;
	}

	static async create(): Promise<CertificateLab> {
		const folder = await mkdtemp(join(tmpdir(), "fingerpost-tls-"));
		const authority = await Authority.create("lab", 365);
		const client = await authority.issue({ commonName: "client", names: [SPIFFE_ID], usage: "client" });
		const lab = new CertificateLab(folder, authority, client);
		await lab.put("ca.crt", authority.cert);
		await lab.putPair("server", await lab.server());
		await lab.putPair("client", client);
		return lab;
	}

	path(name: string): string {
		return join(this.folder, name);
	}

	/** A server's certificate for 127.0.0.1, valid for a year unless the options say otherwise. */
	server(options: Partial<IssueOptions> = {}): Promise<Issued> {
		const notAfter = new Date(Date.now() + 365 * 86_400_000);
		return this.authority.issue({ commonName: "server", names: SERVER_NAMES, usage: "server", notAfter, ...options });
	}

	/** By a rename, so that nobody reads half of it. */
	async put(name: string, text: string): Promise<void> {
		await writeFile(this.path(`${name}.new`), text);
		await rename(this.path(`${name}.new`), this.path(name));
	}

	async putPair(name: string, { cert, key }: Issued): Promise<void> {
		await this.put(`${name}.crt`, cert);
		await this.put(`${name}.key`, key);
	}

	/** As Kubernetes does: `name` becomes a link to another folder, in one step. */
	async link(name: string, folder: string): Promise<void> {
		const next = this.path(`.link-${this.#links++}`);
		await symlink(folder, next);
		await rename(next, this.path(name));
	}

	/** What a gRPC client connects with. @param pair its certificate; none where it is null. */
	channel(pair: Issued | null = this.client, ca = this.authority.cert): ChannelCredentials {
		const [key, cert] = pair ? [Buffer.from(pair.key), Buffer.from(pair.cert)] : [null, null];
		return credentials.createSsl(Buffer.from(ca), key, cert);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.folder, { recursive: true, force: true });
	}
}
