import type { Question, Reply } from "./message.js";

const ADDRESSES = { A: "127.0.0.1", AAAA: "::1" } as const;
/** Seconds. It never changes. */
const TTL = 86_400;

/** Whether the canonical name means the machine itself: `localhost` and all below it (RFC 6761, section 6.3). */
export function isLoopbackName(name: string): boolean {
	return name === "localhost" || name.endsWith(".localhost");
}

/** What a server would have to answer; none is asked, as it might say something else. */
export function loopbackReply({ name, type }: Question): Reply {
	const data = type === "SRV" ? undefined : ADDRESSES[type];
	return {
		rcode: data === undefined ? "NXDOMAIN" : "NOERROR",
		truncated: false,
		authoritative: true,
		recursive: true,
		sameCase: true,
		misplaced: false,
		answers: data === undefined ? [] : [{ name, type: type as "A", class: "IN", ttl: TTL, data }],
		authorities: [],
		additionals: [],
	};
}
