import type { X509Certificate } from "node:crypto";
import type { SecureContextOptions } from "node:tls";
import { messageOf } from "../errors.js";
import { readTextFile } from "../files/read-text-file.js";
import { watchFile } from "../files/watch-file.js";
import { inSlices } from "../steps.js";
import { type ClientTrust, NO_TRUST } from "./client-certificate.js";
import { Revocations } from "./revocations.js";
import { type TlsCredentials, type TlsFiles, type TlsTexts, tlsCredentials } from "./tls-files.js";

/** Milliseconds for the files of a pair to be replaced one after the other, before it is told that they do not fit. */
const PAIR_MS = 2_000;
/** Milliseconds without a change before the files are read: a swap is several. */
const QUIET_MS = 50;
/** Bytes of a file: revocation lists are the largest. */
const MAX_BYTES = 8 * 1024 * 1024;

export interface TlsObserver {
	/** New files are in use: connections from now on have them. */
	changed(certificate: X509Certificate): void;
	/** What the files hold by now cannot be used; what was in use stays. Told once until that changes. */
	failed(error: Error): void;
}

/** A server's TLS as its files say, followed while they change. Connections that are open keep what they have. */
export class FollowedTls {
	readonly files: TlsFiles;
	readonly #observer: TlsObserver;
	readonly #paths: readonly string[];
	readonly #servers = new Set<(context: SecureContextOptions) => void>();
	#credentials: TlsCredentials | undefined;
	#trust = NO_TRUST;
	#texts: string | undefined;
	#crl: string | undefined;
	#failure: string | undefined;
	#failingSince: number | undefined;
	#timer: NodeJS.Timeout | undefined;
	#reading = false;
	#again = false;
	#signal: AbortSignal | undefined;

	constructor(files: TlsFiles, observer: TlsObserver) {
		this.files = files;
		this.#observer = observer;
		this.#paths = [files.cert, files.key, files.clientCa, files.crl].filter((path) => path !== undefined);
	}

	/** Whether clients have to bring a certificate. */
	get asksClients(): boolean {
		return this.files.clientCa !== undefined;
	}

	/** What the certificates of clients are held against now: another object with other files. */
	get clientTrust(): ClientTrust {
		return this.#trust;
	}

	/** The server's own certificate; undefined before start(). */
	get certificate(): X509Certificate | undefined {
		return this.#credentials?.certificate;
	}

	/**
	 * Reads the files, and follows them until the signal fires.
	 * @throws Error with a message for people if they cannot be used.
	 */
	async start(signal: AbortSignal): Promise<void> {
		this.#signal = signal;
		const texts = await this.#read();
		await this.#use(tlsCredentials(texts, this.files), texts);
		signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
		const look = () => this.#lookSoon(QUIET_MS);
		for (const path of this.#paths) watchFile(path, { changed: look, failed: look }, { signal, maxBytes: MAX_BYTES });
	}

	/**
	 * What a server takes now; it is called again with what it takes from then on.
	 * @throws Error before start().
	 */
	serve(take: (context: SecureContextOptions) => void): SecureContextOptions {
		if (!this.#credentials) throw new Error("TLS has not been started");
		this.#servers.add(take);
		return this.#credentials.context;
	}

	async #read(): Promise<TlsTexts> {
		const { cert, key, clientCa, crl } = this.files;
		const read = async (path: string | undefined) =>
			path === undefined ? undefined : (await readTextFile(path, { maxBytes: MAX_BYTES })).content;
		const [certText, keyText, caText, crlText] = await Promise.all([cert, key, clientCa, crl].map(read));
		return { cert: certText as string, key: keyText as string, clientCa: caText, crl: crlText };
	}

	#lookSoon(delay: number): void {
		if (this.#signal?.aborted) return;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.#look(), delay);
	}

	/** Never rejects. */
	async #look(): Promise<void> {
		if (this.#reading) {
			this.#again = true;
			return;
		}
		this.#reading = true;
		try {
			const texts = await this.#read();
			if (this.#signal?.aborted) return;
			await this.#take(texts);
			this.#failure = undefined;
			this.#failingSince = undefined;
		} catch (error) {
			if (this.#signal?.aborted) return;
			this.#fail(error instanceof Error ? error : new Error(messageOf(error)));
		} finally {
			this.#reading = false;
		}
		if (!this.#again) return;
		this.#again = false;
		this.#lookSoon(QUIET_MS);
	}

	async #take(texts: TlsTexts): Promise<void> {
		if (JSON.stringify(texts) === this.#texts) return;
		const credentials = tlsCredentials(texts, this.files);
		await this.#use(credentials, texts);
		if (this.#signal?.aborted) return;
		for (const take of this.#servers) take(credentials.context);
		this.#observer.changed(credentials.certificate);
	}

	async #use(credentials: TlsCredentials, texts: TlsTexts): Promise<void> {
		const { clientCas: cas, lists } = credentials;
		const isKnown = texts.crl === this.#crl;
		const revocations = isKnown ? this.#trust.revocations : lists && (await inSlices(Revocations.read(lists)));
		this.#crl = texts.crl;
		this.#texts = JSON.stringify(texts);
		this.#credentials = credentials;
		this.#trust = { cas, revocations };
	}

	/** One file of a pair comes before the other: only what stays is told. */
	#fail(error: Error): void {
		this.#failingSince ??= performance.now();
		const left = this.#failingSince + PAIR_MS - performance.now();
		if (left > 0) {
			this.#lookSoon(Math.max(QUIET_MS, left));
			return;
		}
		if (this.#failure === error.message) return;
		this.#failure = error.message;
		this.#observer.failed(error);
	}
}
