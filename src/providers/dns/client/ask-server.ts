import { randomInt } from "node:crypto";
import type { HostPort } from "../../../model/host-port.js";
import { askTcp } from "./ask-tcp.js";
import { askUdp } from "./ask-udp.js";
import { encodeQuery, inMixedCase, type Question, type Reply, readReply } from "./message.js";
import type { Manner, ServerHabits } from "./server-habits.js";
import { shortReason } from "./short-reason.js";

export interface AskServerOptions {
	readonly habits: ServerHabits;
	/** The server was silent when it was asked with EDNS: some drop every question that has it. */
	readonly plain: boolean;
	/** There is no other limit. */
	readonly signal: AbortSignal;
}

type Attempt = { readonly reply: Reply } | { readonly problem: Error };

/**
 * Asks one server: over UDP, then over TCP if the answer was truncated or did not match the
 * question, because an answer over TCP cannot be forged from outside. A server that does not
 * understand EDNS, or does not keep the case of a name, is asked without.
 * @throws Error with the reason if the server gives no usable answer: SERVFAIL, REFUSED, garbage,
 *   no connection, truncated over TCP too; the signal's reason when it fires.
 */
export async function askServer(
	server: HostPort,
	question: Question,
	{ habits, plain, signal }: AskServerOptions,
): Promise<Reply> {
	const usual = habits.mannerFor(server);
	let manner = { edns: usual.edns && !plain, mixedCase: usual.mixedCase };
	// Each turn asks more plainly than the one before, so there are three at most.
	for (;;) {
		const attempt = await exchange(server, question, manner, signal);
		if ("reply" in attempt && !attempt.reply.sameCase && manner.mixedCase) manner = { ...manner, mixedCase: false };
		else if (manner.edns && !isUnderstood(attempt)) manner = { ...manner, edns: false };
		else if ("problem" in attempt) throw attempt.problem;
		else return accepted(attempt.reply, () => habits.answered(server, manner));
	}
}

/** An rcode other than these two says nothing of the name. @throws Error with it */
function accepted(reply: Reply, learn: () => void): Reply {
	if (reply.rcode !== "NOERROR" && reply.rcode !== "NXDOMAIN") throw new Error(reply.rcode);
	if (reply.misplaced) throw new Error("an OPT record among the answers");
	learn();
	return reply;
}

/** Whether the server may have understood EDNS: what it refuses for other reasons it refuses without it too. */
function isUnderstood(attempt: Attempt): boolean {
	if ("problem" in attempt) return false;
	const { rcode, misplaced } = attempt.reply;
	return !misplaced && rcode !== "FORMERR" && rcode !== "NOTIMP" && rcode !== "BADVERS";
}

/** @throws the signal's reason when it fires; Error if the server cannot be reached by UDP. */
async function exchange(
	server: HostPort,
	question: Question,
	{ edns, mixedCase }: Manner,
	signal: AbortSignal,
): Promise<Attempt> {
	const name = mixedCase ? inMixedCase(question.name) : question.name;
	// A new id, so that one seen over UDP is no help to forge the answer over TCP.
	const id = randomInt(65_536);
	const datagram = await askUdp(server, encodeQuery(id, question, { edns, name }), signal);
	const reply = readReply(datagram, id, question, name);
	if (reply && !reply.truncated) return { reply };
	const tcpId = randomInt(65_536);
	const why = reply ? "a truncated answer" : "an answer that is none to the question";
	let bytes: Buffer;
	try {
		bytes = await askTcp(server, encodeQuery(tcpId, question, { edns }), signal);
	} catch (cause) {
		signal.throwIfAborted();
		return { problem: new Error(`${why}, and over TCP: ${shortReason(cause)}`, { cause }) };
	}
	const whole = readReply(bytes, tcpId, question, name);
	if (!whole) return { problem: new Error(`${why}, and over TCP one that is none to the question`) };
	// A set that is known to be incomplete is no answer (RFC 2181, section 9).
	if (whole.truncated) return { problem: new Error(`${why}, over TCP too`) };
	return { reply: { ...whole, sameCase: true } };
}
