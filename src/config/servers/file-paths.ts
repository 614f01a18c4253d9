import { dirname, resolve } from "node:path";
import type { TlsFiles } from "../../util/tls/tls-files.js";
import type { TokenSettings } from "../../util/tokens/token-settings.js";
import type { AdminTokenFiles } from "../config.js";
import { isUrl } from "./tokens-schema.js";

interface Servers {
	readonly xds: { readonly tls?: TlsFiles | undefined; readonly tokens?: TokenSettings | undefined };
	readonly admin: { readonly tls?: TlsFiles | undefined; readonly tokens?: AdminTokenFiles | undefined };
}

/** The same settings, with full paths: what is relative is so to the config file's folder, else to the present one. */
export function withFullPaths<T extends Servers>(config: T, file: string | undefined): T {
	const folder = file === undefined ? "." : dirname(file);
	const full = (path: string | undefined) => path && resolve(folder, path);
	const tls = ({ cert, key, clientCa, crl, minVersion }: TlsFiles): TlsFiles => ({
		cert: resolve(folder, cert),
		key: resolve(folder, key),
		clientCa: full(clientCa),
		crl: full(crl),
		minVersion,
	});
	const tokens = ({ jwks, ca, ...rest }: TokenSettings): TokenSettings => ({
		...rest,
		jwks: isUrl(jwks) ? jwks : resolve(folder, jwks),
		ca: full(ca),
	});
	const { xds, admin } = config;
	return {
		...config,
		xds: { ...xds, ...(xds.tls && { tls: tls(xds.tls) }), ...(xds.tokens && { tokens: tokens(xds.tokens) }) },
		admin: {
			...admin,
			...(admin.tls && { tls: tls(admin.tls) }),
			...(admin.tokens && { tokens: { viewer: full(admin.tokens.viewer), operator: full(admin.tokens.operator) } }),
		},
	};
}
