import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PATIENCE } from "./patience.js";

const run = promisify(execFile);
const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** A certificate and its key, as paths of PEM files. */
export interface Certificate {
	readonly cert: string;
	readonly key: string;
}

/** A certificate authority of a test's own, in a folder; by openssl. */
export class CertificateAuthority {
	/** The path of its certificate. */
	readonly ca: string;
	readonly #folder: string;
	readonly #name: string;

	private constructor(folder: string, name: string) {
		this.#folder = folder;
		this.#name = name;
		this.ca = join(folder, `${name}.crt`);
	}

	static async make(folder: string, name = "ca"): Promise<CertificateAuthority> {
		const authority = new CertificateAuthority(folder, name);
		const subject = ["-days", "2", "-subj", `/CN=lab-${name}`];
		await authority.#openssl("req", "-x509", ...KEY, ...subject, "-keyout", `${name}.key`, "-out", `${name}.crt`);
		return authority;
	}

	/** For a server on 127.0.0.1, or a client. @param names of the server, as openssl writes them. */
	async issue(name: string, names = "IP:127.0.0.1,DNS:localhost"): Promise<Certificate> {
		await this.#openssl("req", ...KEY, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
		const uses = `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`;
		await writeFile(join(this.#folder, "ext"), uses);
		const sign = ["-CA", `${this.#name}.crt`, "-CAkey", `${this.#name}.key`, "-CAcreateserial", "-days", "2"];
		await this.#openssl("x509", "-req", "-in", `${name}.csr`, ...sign, "-extfile", "ext", "-out", `${name}.crt`);
		return { cert: join(this.#folder, `${name}.crt`), key: join(this.#folder, `${name}.key`) };
	}

	async #openssl(...args: readonly string[]): Promise<void> {
		await run("openssl", args, { cwd: this.#folder, timeout: PATIENCE });
	}
}
