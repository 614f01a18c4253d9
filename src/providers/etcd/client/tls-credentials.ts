import { isIP } from "node:net";
import { type ConnectionOptions, checkServerIdentity } from "node:tls";
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { splitHostPort } from "../../../model/host-port.js";

export interface TlsTexts {
	readonly ca: Buffer | null;
	readonly key: Buffer | null;
	readonly cert: Buffer | null;
}

/**
 * TLS to a server. An IP address is no server name (RFC 6066, section 3): none is sent then, and the certificate must
 * have the address among its own.
 * @param address `host:port`. @throws Error if the texts are no certificates and key.
 */
export function tlsCredentials(address: string, { ca, key, cert }: TlsTexts): ChannelCredentials {
	const host = splitHostPort(address)?.host ?? "";
	if (isIP(host) === 0) return credentials.createSsl(ca, key, cert);
	const secured = credentials.createSsl(ca, key, cert, {
		checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
	});
	// gRPC sends the address as a server name, of which Node warns, and has no option for it.
	const connector = secured._createSecureConnector.bind(secured);
	secured._createSecureConnector = (...given) => {
		const made = connector(...given) as ReturnType<typeof connector> & {
			readonly connectionOptions?: ConnectionOptions;
		};
		if (made.connectionOptions) delete made.connectionOptions.servername;
		return made;
	};
	return secured;
}
