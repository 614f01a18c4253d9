import { randomInt } from "node:crypto";
import type { HostPort } from "../../../model/host-port.js";
import { askTcp } from "./ask-tcp.js";
import { askUdp } from "./ask-udp.js";
import { encodeQuery, type Question, type Reply, readReply } from "./message.js";
import { shortReason } from "./short-reason.js";

/**
 * Asks one server: over UDP, then over TCP if the answer was truncated or did not match the
 * question, because an answer over TCP cannot be forged from outside.
 * @throws Error with the reason if the server gives no usable answer: SERVFAIL, REFUSED, garbage,
 *   no connection; the signal's reason when it fires. There is no other limit.
 */
export async function askServer(server: HostPort, question: Question, signal: AbortSignal): Promise<Reply> {
	let reply = await exchange(server, question, true, signal);
	// A server without EDNS: ask again without it.
	if (reply.rcode === "FORMERR" || reply.rcode === "NOTIMP") reply = await exchange(server, question, false, signal);
	if (reply.rcode === "NOERROR" || reply.rcode === "NXDOMAIN") return reply;
	throw new Error(reply.rcode);
}

async function exchange(server: HostPort, question: Question, edns: boolean, signal: AbortSignal): Promise<Reply> {
	// A new id, so that one seen over UDP is no help to forge the answer over TCP.
	const id = randomInt(65_536);
	const datagram = await askUdp(server, encodeQuery(id, question, { edns }), signal);
	const reply = readReply(datagram, id, question);
	if (reply && !reply.truncated) return reply;
	const tcpId = randomInt(65_536);
	const why = reply ? "a truncated answer" : "an answer that is none to the question";
	let bytes: Buffer;
	try {
		bytes = await askTcp(server, encodeQuery(tcpId, question, { edns }), signal);
	} catch (cause) {
		signal.throwIfAborted();
		throw new Error(`${why}, and over TCP: ${shortReason(cause)}`, { cause });
	}
	const whole = readReply(bytes, tcpId, question);
	if (whole) return whole;
	throw new Error(`${why}, and over TCP one that is none to the question`);
}
