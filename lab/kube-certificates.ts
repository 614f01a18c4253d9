import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Makes what an API server on 127.0.0.1 needs in this folder: `sa.key` and `sa.pub` for tokens, `ca.crt`, and `tls.crt` and
 * `tls.key` by that authority.
 * @returns the authority's certificate.
 */
export async function makeKubeCertificates(folder: string): Promise<string> {
	const openssl = (...args: readonly string[]) => run("openssl", args, { cwd: folder, timeout: 30_000 });
	const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
	await openssl("genrsa", "-out", "sa.key", "2048");
	await openssl("rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub");
	await openssl("req", "-x509", ...key, "-days", "2", "-subj", "/CN=lab-ca", "-keyout", "ca.key", "-out", "ca.crt");
	await openssl("req", ...key, "-subj", "/CN=kube-apiserver", "-keyout", "tls.key", "-out", "tls.csr");
	await writeFile(join(folder, "ext"), "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n");
	const sign = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext"];
	await openssl("x509", "-req", "-in", "tls.csr", ...sign, "-out", "tls.crt");
	return readFile(join(folder, "ca.crt"), "utf8");
}
