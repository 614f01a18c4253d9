import { type Answer, type DecodedPacket, decode, encode, RECURSION_DESIRED } from "dns-packet";
import { canonicalName } from "./domain-name.js";

export type RecordType = "A" | "AAAA" | "SRV";

export interface Question {
	/** Canonical. */
	readonly name: string;
	readonly type: RecordType;
}

/** A response that belongs to its question. */
export interface Reply {
	/** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, … */
	readonly rcode: string;
	readonly truncated: boolean;
	/** Whether the server speaks for the zone, or has asked those who do. */
	readonly authoritative: boolean;
	readonly answers: readonly Answer[];
	readonly authorities: readonly Answer[];
	readonly additionals: readonly Answer[];
}

/** The size that no usual path fragments (DNS flag day 2020). */
const UDP_PAYLOAD = 1_232;

export function encodeQuery(id: number, question: Question, { edns }: { readonly edns: boolean }): Buffer {
	return encode({
		type: "query",
		id,
		flags: RECURSION_DESIRED,
		questions: [{ ...question, class: "IN" }],
		additionals: edns
			? [
					{
						type: "OPT",
						name: ".",
						udpPayloadSize: UDP_PAYLOAD,
						extendedRcode: 0,
						ednsVersion: 0,
						flags: 0,
						flag_do: false,
						options: [],
					},
				]
			: [],
	});
}

/**
 * The response, or undefined if the bytes are none to this very question: garbage, cut short,
 * forged.
 */
export function readReply(bytes: Buffer, id: number, question: Question): Reply | undefined {
	let packet: DecodedPacket & { readonly rcode?: string; readonly opcode?: string };
	try {
		packet = decode(bytes);
	} catch {
		return undefined;
	}
	// The decoder does not stop at the end of the bytes.
	if (decode.bytes > bytes.length) return undefined;
	const { rcode = "", questions = [], answers = [], authorities = [], additionals = [] } = packet;
	if (packet.id !== id || !packet.flag_qr || packet.opcode !== "QUERY") return undefined;
	const [echo] = questions;
	// Some servers refuse without the question. To accept that can only fail the look-up.
	const refusal = rcode !== "NOERROR" && rcode !== "NXDOMAIN";
	if (questions.length > 1 || (!echo && !refusal)) return undefined;
	if (echo && (canonicalName(echo.name) !== question.name || echo.type !== question.type || echo.class !== "IN")) {
		return undefined;
	}
	const { flag_tc: truncated, flag_aa, flag_ra } = packet;
	return { rcode, truncated, authoritative: flag_aa || flag_ra, answers, authorities, additionals };
}
