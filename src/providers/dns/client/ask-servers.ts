import type { HostPort } from "../../../model/host-port.js";
import { SourceFailed } from "../../../util/errors.js";
import { askServer } from "./ask-server.js";
import type { Question, Reply } from "./message.js";
import { serverText } from "./server-address.js";
import { ServerHabits } from "./server-habits.js";
import { shortReason } from "./short-reason.js";

export interface AskOptions {
	/** Milliseconds for all servers and attempts together. */
	readonly timeout: number;
	readonly signal: AbortSignal;
	/** What the servers were seen to understand; nothing unless given. */
	readonly habits?: ServerHabits;
}

/**
 * Asks the servers in their order, each at most twice, and gives the first usable answer. The next
 * attempt begins as soon as one fails, or when a server has been silent for its share of the time;
 * it may still answer until the end. A silent server is asked without EDNS the second time. A
 * server that answered SERVFAIL or REFUSED is not asked again.
 * @throws SourceFailed with what each server said; the signal's reason when it fires.
 */
export function askServers(
	servers: readonly HostPort[],
	question: Question,
	{ timeout, signal, habits = new ServerHabits() }: AskOptions,
): Promise<Reply> {
	signal.throwIfAborted();
	const what = `${question.name} ${question.type}`;
	if (servers.length === 0) throw new SourceFailed(`${what}: the system names no DNS server; give servers`);
	const { promise, resolve, reject } = Promise.withResolvers<Reply>();
	const attempts = [...servers, ...servers];
	const share = timeout / attempts.length;
	const problems = new Map<HostPort, string>();
	const asked = new Set<HostPort>();
	const all = new AbortController();
	let open = 0;
	let turn: NodeJS.Timeout | undefined;
	const fail = () => {
		const said = servers.map((server) => `${problems.get(server) ?? "no answer in time"} from ${serverText(server)}`);
		reject(new SourceFailed(`${what}: ${said.join("; ")}`));
	};
	const next = () => {
		clearTimeout(turn);
		let server = attempts.shift();
		while (server && problems.has(server)) server = attempts.shift();
		if (!server) {
			if (open === 0) fail();
			return;
		}
		turn = setTimeout(next, share);
		void attempt(server);
	};
	const attempt = async (server: HostPort) => {
		open++;
		const plain = asked.has(server);
		asked.add(server);
		try {
			resolve(await askServer(server, question, { habits, plain, signal: all.signal }));
		} catch (reason) {
			open--;
			if (all.signal.aborted) return;
			problems.set(server, shortReason(reason));
			next();
		}
	};
	const stop = () => reject(signal.reason);
	const deadline = setTimeout(fail, timeout);
	signal.addEventListener("abort", stop, { once: true });
	next();
	return promise.finally(() => {
		clearTimeout(turn);
		clearTimeout(deadline);
		signal.removeEventListener("abort", stop);
		all.abort();
	});
}
