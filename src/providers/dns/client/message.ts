import { randomBytes } from "node:crypto";
import { type Answer, type DecodedPacket, decode, encode, RECURSION_DESIRED } from "dns-packet";
import { hasMoreLabels } from "./decoding-cost.js";
import { canonicalName } from "./domain-name.js";

export type RecordType = "A" | "AAAA" | "SRV";

export interface Question {
	/** Canonical. */
	readonly name: string;
	readonly type: RecordType;
}

/** A response that belongs to its question. */
export interface Reply {
	/** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, …; with the part of it that EDNS carries (RFC 6891, section 6.1.3). */
	readonly rcode: string;
	readonly truncated: boolean;
	/** Whether the server speaks for the zone, or has asked those who do. */
	readonly authoritative: boolean;
	/** Whether the server asks others for what it does not have. */
	readonly recursive: boolean;
	/** Whether the name came back in the very letters in which it was asked. */
	readonly sameCase: boolean;
	/** Whether an OPT record stands where none belongs: the server took that of the question for an answer. */
	readonly misplaced: boolean;
	readonly answers: readonly Answer[];
	readonly authorities: readonly Answer[];
	readonly additionals: readonly Answer[];
}

/**
 * Four thousand addresses of a name with twelve labels, which is what 64 KiB hold. Decoding them
 * takes some 30 ms.
 */
const MOST_LABELS = 60_000;
/** The size that no usual path fragments (DNS flag day 2020). */
const UDP_PAYLOAD = 1_232;

/** @param name as it is to be sent; the question's own unless given. */
export function encodeQuery(
	id: number,
	question: Question,
	{ edns, name = question.name }: { readonly edns: boolean; readonly name?: string },
): Buffer {
	return encode({
		type: "query",
		id,
		flags: RECURSION_DESIRED,
		questions: [{ ...question, name, class: "IN" }],
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

/** The name in letters of random case, never all small: who forges an answer must guess them too. */
export function inMixedCase(name: string): string {
	const bits = randomBytes(name.length);
	const mixed = [...name].map((letter, i) => ((bits[i] as number) & 1 ? letter.toUpperCase() : letter)).join("");
	return mixed === name ? name.toUpperCase() : mixed;
}

/**
 * The response, or undefined if the bytes are none to this very question: garbage, cut short,
 * forged.
 * @param asked the name as it was sent; the question's own unless given.
 */
export function readReply(bytes: Buffer, id: number, question: Question, asked = question.name): Reply | undefined {
	let packet: DecodedPacket & { readonly rcode?: string; readonly opcode?: string };
	if (hasMoreLabels(bytes, MOST_LABELS)) return undefined;
	try {
		packet = decode(bytes);
	} catch {
		return undefined;
	}
	// The decoder does not stop at the end of the bytes.
	if (decode.bytes > bytes.length) return undefined;
	const { questions = [], answers = [], authorities = [], additionals = [] } = packet;
	const rcode = rcodeOf(packet.rcode ?? "", bytes.readUInt8(3) & 0x0f, additionals);
	if (packet.id !== id || !packet.flag_qr || packet.opcode !== "QUERY") return undefined;
	const [echo] = questions;
	// Some servers refuse without the question. To accept that can only fail the look-up.
	const refusal = rcode !== "NOERROR" && rcode !== "NXDOMAIN";
	if (questions.length > 1 || (!echo && !refusal)) return undefined;
	if (echo && (canonicalName(echo.name) !== question.name || echo.type !== question.type || echo.class !== "IN")) {
		return undefined;
	}
	const { flag_tc: truncated, flag_aa, flag_ra: recursive } = packet;
	return {
		rcode,
		truncated,
		authoritative: flag_aa || recursive,
		recursive,
		sameCase: echo === undefined || echo.name.replace(/\.$/, "") === asked,
		misplaced: [...answers, ...authorities].some(({ type }) => type === "OPT"),
		...{ answers, authorities, additionals },
	};
}

/** The codes that only EDNS can carry and that have a name here. */
const EXTENDED: ReadonlyMap<number, string> = new Map([
	[16, "BADVERS"],
	[23, "BADCOOKIE"],
]);

/** Without the upper bits BADVERS would read as NOERROR. */
function rcodeOf(name: string, lower: number, additionals: readonly Answer[]): string {
	const opt = additionals.find(({ type }) => type === "OPT") as { readonly extendedRcode?: number } | undefined;
	const upper = opt?.extendedRcode ?? 0;
	if (upper === 0) return name;
	const code = (upper << 4) | lower;
	return EXTENDED.get(code) ?? `RCODE_${code}`;
}

/** Records of a reply that are shown. */
const MOST_SHOWN = 20;

/** What a reply says, for the log. */
export function replyText({ rcode, answers }: Reply): readonly string[] {
	const texts = answers.slice(0, MOST_SHOWN).map((answer) => {
		const { ttl, data } = answer as { readonly ttl?: number; readonly data?: unknown };
		return `${answer.type} ${typeof data === "string" ? data : JSON.stringify(data)} ${ttl ?? 0} s`;
	});
	const more = answers.length - texts.length;
	return [rcode, ...texts, ...(more > 0 ? [`and ${more} more`] : [])];
}
