import { expect, it } from "vitest";
import { isSettled, waitingNames } from "../../../src/server/protocol/waiting-names.js";
import type { Mode } from "../../../src/server/wire/mode.js";
import { finish } from "../../util/finish.js";
import { PeerServer, type Request, SessionPeer } from "./transcripts/session-peer.js";

/** A client of one stream that asks for endpoints of these names. */
class Client {
	readonly peer: SessionPeer;
	readonly #names: readonly string[];

	constructor(server: PeerServer, mode: Mode, names: readonly string[]) {
		this.peer = new SessionPeer(server);
		this.peer.open(mode);
		this.#names = names;
		this.peer.send({ type: "eds", names });
	}

	/** Takes what is sent. @param answer what it says to it; nothing unless given. */
	take(answer?: "ack" | "nack"): this {
		for (let sent = this.peer.next(); sent; sent = this.peer.next()) {
			if (!answer) continue;
			const names = this.peer.mode === "sotw" ? this.#names : [];
			const request: Request = { type: sent.type.id, names, nonce: sent.nonce };
			this.peer.send(answer === "nack" ? { ...request, error: "web is bad" } : request);
		}
		return this;
	}
}

const streamOf = ({ session }: SessionPeer) => ({ id: 1, nodeId: "n", session });

function look(clients: readonly Client[], ...names: readonly string[]) {
	const steps = waitingNames(
		clients.map(({ peer }) => streamOf(peer)),
		new Set(names),
	);
	let count = 0;
	for (let step = steps.next(); ; step = steps.next()) {
		if (step.done) return { names: [...step.value], steps: count };
		count++;
	}
}

const waiting = (client: Client, ...names: readonly string[]) => look([client], ...names).names;

function serverWith(...names: readonly string[]): PeerServer {
	const server = new PeerServer();
	for (const name of names) new SessionPeer(server).put("eds", name, "1");
	return server;
}

it.each(["sotw", "delta"] as const)("a stream in %s lacks what it has not ACKed the newest of", (mode) => {
	const client = new Client(serverWith("web"), mode, ["web"]);
	expect(waiting(client, "web"), "it is to be sent").toEqual(["web"]);
	client.take();
	expect(waiting(client, "web"), "it is in flight").toEqual(["web"]);
	const acked = new Client(serverWith("web"), mode, ["web"]).take("ack");
	expect(waiting(acked, "web"), "it is ACKed").toEqual([]);
	acked.peer.put("eds", "web", "2");
	expect(waiting(acked, "web"), "it has changed").toEqual(["web"]);
	acked.take("ack");
	expect(waiting(acked, "web"), "the change is ACKed").toEqual([]);
	acked.peer.put("eds", "web", "3");
	acked.take("nack");
	expect([...acked.peer.session.subscriptions].map(({ isDue, stream }) => [isDue, stream.log.inFlight])).toEqual([
		[false, 0],
	]);
	expect(waiting(acked, "web"), "it is rejected").toEqual(["web"]);
});

it.each(["sotw", "delta"] as const)(
	"a stream in %s is settled while it has all of each type that it asks for",
	(mode) => {
		const server = serverWith("web");
		new SessionPeer(server).put("cds", "web", "1");
		const { peer } = new Client(server, mode, ["web"]);
		const client = streamOf(peer);
		const names = mode === "sotw" ? ["web"] : [];
		const answer = (nonce = "", error?: string) => peer.send({ type: "eds", names, nonce, ...(error && { error }) });
		const ackAll = () => {
			for (let each = peer.next(); each; each = peer.next())
				peer.send({ type: each.type.id, names, nonce: each.nonce });
		};
		expect(isSettled(client), "it is to be sent").toBe(false);
		const sent = peer.next();
		expect(isSettled(client), "it is in flight").toBe(false);
		answer(sent?.nonce);
		expect(isSettled(client), "it is ACKed").toBe(true);
		peer.send({ type: "cds", names: ["web"] });
		expect(isSettled(client), "another type is to be sent").toBe(false);
		ackAll();
		expect(isSettled(client), "both are ACKed").toBe(true);
		peer.put("eds", "web", "2");
		answer(peer.next()?.nonce, "web is bad");
		ackAll();
		expect(isSettled(client), "it is rejected").toBe(false);
		peer.put("eds", "web", "3");
		ackAll();
		expect(isSettled(client), "the newest is ACKed").toBe(true);
	},
);

it("a stream lacks nothing of what it has ACKed where it waits for others", () => {
	const client = new Client(serverWith("web", "cart"), "delta", ["web", "cart"]).take("ack");
	client.peer.put("eds", "cart", "2");
	expect(waiting(client, "web", "cart")).toEqual(["cart"]);
	client.take();
	expect(waiting(client, "web", "cart")).toEqual(["cart"]);
});

it("a stream lacks neither what is not known yet, nor what does not exist, nor what it does not ask for", () => {
	const server = serverWith("web", "unasked");
	new SessionPeer(server).await("eds", "later", false);
	const client = new Client(server, "delta", ["web", "later", "nowhere"]);
	expect(waiting(client, "later", "nowhere", "unasked", "web")).toEqual(["web"]);
	client.take();
	expect(waiting(client, "later", "nowhere", "unasked", "web")).toEqual(["web"]);
	expect(waiting(client, "later", "nowhere", "unasked")).toEqual([]);
});

it("only endpoints count, whichever the order of the types", () => {
	const server = serverWith("web");
	new SessionPeer(server).put("cds", "web", "1");
	const peer = new SessionPeer(server);
	peer.open("delta");
	peer.send({ type: "cds", names: ["web"] });
	const streams = [streamOf(peer)];
	const names = () => [...finish(waitingNames(streams, new Set(["web"])))];
	expect(names()).toEqual([]);
	peer.send({ type: "eds", names: ["web"] });
	expect(names()).toEqual(["web"]);
});

it("one stream that lacks it is enough, and each costs a step", () => {
	const server = serverWith("web", "cart");
	const upToDate = new Client(server, "delta", ["web", "cart"]).take("ack");
	const behind = new Client(server, "sotw", ["cart"]).take();
	expect(look([upToDate, behind, upToDate], "web", "cart")).toEqual({ names: ["cart"], steps: 3 });
	expect(look([], "web")).toEqual({ names: [], steps: 0 });
});

it("many names are looked at in steps, and each is found once", () => {
	const names = Array.from({ length: 511 }, (_, i) => `web-${i}`);
	const server = serverWith(...names);
	const clients = ["sotw", "delta"].map((mode) => new Client(server, mode as Mode, names).take());
	expect(look(clients.slice(0, 1), ...names)).toEqual({ names, steps: 3 });
	expect(look(clients, ...names)).toEqual({ names, steps: 4 });
	const fewer = names.slice(0, 254);
	expect(look(clients, ...fewer)).toEqual({ names: fewer, steps: 2 });
});
