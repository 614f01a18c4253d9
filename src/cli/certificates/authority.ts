import { generateKeyPairSync, type KeyObject, randomBytes, type webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { BitString, Integer, OctetString, Utf8String } from "asn1js";
import {
	AltName,
	AttributeTypeAndValue,
	BasicConstraints,
	Certificate,
	CertificateRevocationList,
	Extension,
	Extensions,
	ExtKeyUsage,
	GeneralName,
	RevokedCertificate,
	Time,
} from "pkijs";

const COMMON_NAME = "2.5.4.3";
const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** Key usages, as their bits stand in the extension. */
const SIGNS_CERTIFICATES_AND_LISTS = 0x06;
const SIGNS = 0x80;
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const DAY_MS = 86_400_000;
/** Clocks differ. */
const BEFORE_MS = 5 * 60_000;

/** A certificate and its private key, in PEM. */
export interface Issued {
	readonly cert: string;
	readonly key: string;
	/** In hexadecimal. */
	readonly serial: string;
}

export interface IssueOptions {
	readonly commonName: string;
	/** DNS names, IP addresses and URIs that it is for. */
	readonly names: readonly string[];
	readonly usage: "server" | "client";
	/** Five minutes ago unless given. */
	readonly notBefore?: Date;
	/** In 30 days unless given. */
	readonly notAfter?: Date;
}

/** Makes certificates for trying. Its key is in memory and in the file that it is written to: nothing for production. */
export class Authority {
	readonly #certificate: Certificate;
	readonly #key: webcrypto.CryptoKey;
	/** Its own certificate, in PEM. */
	readonly cert: string;

	private constructor(certificate: Certificate, key: webcrypto.CryptoKey) {
		this.#certificate = certificate;
		this.#key = key;
		this.cert = pem("CERTIFICATE", certificate.toSchema(true).toBER());
	}

	/** @param days that it is valid. */
	static async create(commonName: string, days = 30): Promise<Authority> {
		const { publicKey, privateKey } = newKeys();
		const certificate = blank(commonName, new Date(Date.now() + days * DAY_MS));
		certificate.issuer.typesAndValues = certificate.subject.typesAndValues;
		certificate.extensions = [
			extension("2.5.29.19", true, new BasicConstraints({ cA: true }).toSchema().toBER()),
			keyUsage(SIGNS_CERTIFICATES_AND_LISTS, 1),
		];
		await certificate.subjectPublicKeyInfo.importKey(await webKey(publicKey, "verify"));
		const key = await webKey(privateKey, "sign");
		await certificate.sign(key, ECDSA.hash);
		return new Authority(certificate, key);
	}

	async issue({ commonName, names, usage, notBefore, notAfter }: IssueOptions): Promise<Issued> {
		const { publicKey, privateKey } = newKeys();
		const certificate = blank(commonName, notAfter ?? new Date(Date.now() + 30 * DAY_MS), notBefore);
		certificate.issuer.typesAndValues = this.#certificate.subject.typesAndValues;
		const usages = new ExtKeyUsage({ keyPurposes: [usage === "server" ? SERVER_AUTH : CLIENT_AUTH] });
		certificate.extensions = [
			extension("2.5.29.19", true, new BasicConstraints({ cA: false }).toSchema().toBER()),
			keyUsage(SIGNS, 7),
			extension("2.5.29.37", false, usages.toSchema().toBER()),
			extension("2.5.29.17", false, new AltName({ altNames: names.map(generalName) }).toSchema().toBER()),
		];
		await certificate.subjectPublicKeyInfo.importKey(await webKey(publicKey, "verify"));
		await certificate.sign(this.#key, ECDSA.hash);
		return {
			cert: pem("CERTIFICATE", certificate.toSchema(true).toBER()),
			key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
			serial: Buffer.from(certificate.serialNumber.valueBlock.valueHexView).toString("hex"),
		};
	}

	/** A list of what it has revoked. @param until its next update; in 30 days unless given. */
	async revoke(serials: readonly string[], until = new Date(Date.now() + 30 * DAY_MS)): Promise<string> {
		const list = new CertificateRevocationList();
		list.version = 1;
		list.issuer.typesAndValues = this.#certificate.subject.typesAndValues;
		const now = new Date(Date.now() - BEFORE_MS);
		list.thisUpdate = new Time({ type: 0, value: now });
		list.nextUpdate = new Time({ type: 0, value: until });
		if (serials.length > 0)
			list.revokedCertificates = serials.map(
				(serial) =>
					new RevokedCertificate({
						userCertificate: new Integer({ valueHex: arrayBuffer(Buffer.from(serial, "hex")) }),
						revocationDate: new Time({ type: 0, value: now }),
					}),
			);
		const number = extension("2.5.29.20", false, new Integer({ value: 1 }).toBER());
		list.crlExtensions = new Extensions({ extensions: [number] });
		await list.sign(this.#key, ECDSA.hash);
		return pem("X509 CRL", list.toSchema(true).toBER());
	}
}

function blank(commonName: string, notAfter: Date, notBefore = new Date(Date.now() - BEFORE_MS)): Certificate {
	const certificate = new Certificate();
	certificate.version = 2;
	const serial = randomBytes(16);
	// Positive, and of its full length.
	serial[0] = (serial.readUInt8(0) & 0x7f) | 0x40;
	certificate.serialNumber = new Integer({ valueHex: arrayBuffer(serial) });
	const value = new Utf8String({ value: commonName });
	certificate.subject.typesAndValues = [new AttributeTypeAndValue({ type: COMMON_NAME, value })];
	certificate.notBefore.value = notBefore;
	certificate.notAfter.value = notAfter;
	return certificate;
}

function newKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
	return generateKeyPairSync("ec", { namedCurve: ECDSA.namedCurve });
}

async function webKey(key: KeyObject, use: "sign" | "verify"): Promise<webcrypto.CryptoKey> {
	return key.toCryptoKey(ECDSA, true, [use]) as webcrypto.CryptoKey;
}

function keyUsage(bits: number, unusedBits: number): Extension {
	const value = new BitString({ valueHex: arrayBuffer(Buffer.from([bits])), unusedBits });
	return extension("2.5.29.15", true, value.toBER());
}

function extension(extnID: string, critical: boolean, extnValue: ArrayBuffer): Extension {
	return new Extension({ extnID, critical, extnValue });
}

function generalName(name: string): GeneralName {
	if (name.includes("://")) return new GeneralName({ type: 6, value: name });
	if (isIP(name) === 0) return new GeneralName({ type: 2, value: name });
	return new GeneralName({ type: 7, value: new OctetString({ valueHex: arrayBuffer(addressBytes(name)) }) });
}

function addressBytes(address: string): Buffer {
	if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
	const [head = "", tail] = address.split("::");
	const parts = (text: string) => (text === "" ? [] : text.split(":").map((part) => Number.parseInt(part, 16)));
	const [before, after] = [parts(head), parts(tail ?? "")];
	const groups = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
	return Buffer.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function arrayBuffer(bytes: Buffer): ArrayBuffer {
	return Uint8Array.from(bytes).buffer;
}

function pem(kind: string, der: ArrayBuffer): string {
	const lines =
		Buffer.from(der)
			.toString("base64")
			.match(/.{1,64}/g) ?? [];
	return `-----BEGIN ${kind}-----\n${lines.join("\n")}\n-----END ${kind}-----\n`;
}
