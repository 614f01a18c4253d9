/** The certificate that a server shows. */
export interface ListenerCertificate {
	readonly listener: "xds" | "admin";
	readonly subject: string;
	readonly notBefore: string;
	readonly notAfter: string;
	/** What is to be done about it; null while there is nothing. */
	readonly note: string | null;
}

/** `GET /api/v1/config` */
export interface ConfigJson {
	/** Where the config is read from; null where a program gave it. */
	readonly file: string | null;
	/** When the config in use was taken over. */
	readonly loadedAt: string;
	/** The newest attempt to take over another one; null if there was none yet. */
	readonly lastReload: {
		readonly at: string;
		readonly success: boolean;
		/** Why it was not taken over: a line a problem. */
		readonly error: string | null;
		/** Each problem with its place: from 1, 0 where it is the file as a whole, null where it stands in no file. */
		readonly problems: readonly {
			readonly file: string | null;
			readonly line: number | null;
			readonly column: number | null;
			readonly path: string;
			readonly message: string;
		}[];
	} | null;
	/** Of the servers that have TLS. */
	readonly certificates: readonly ListenerCertificate[];
}
