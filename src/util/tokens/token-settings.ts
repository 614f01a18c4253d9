/** Whose tokens count. */
export interface TokenSettings {
	/** What `iss` must be. */
	readonly issuer: string;
	/** What `aud` must be, or hold. */
	readonly audience: string;
	/** The issuer's public keys, a JSON Web Key Set: the path of a file, or a URL with https. */
	readonly jwks: string;
	/** CAs of that URL, a PEM file; the system's unless given. */
	readonly ca?: string | undefined;
}
