import type { Socket } from "node:net";
import { peerOf } from "../peer-address.js";
import { FairQueue } from "./fair-queue.js";

/** Connections set up in a turn of the event loop; one while streams have changes to send. */
const PER_TURN = 4;
/** Connections that may be without their first stream: what they send arrives in one turn. */
const SETTING_UP = 16;
/**
 * Milliseconds after which a connection without a stream no longer counts: it is slow, or wants
 * none.
 */
const SET_UP_MS = 20;
/** Connections that may wait. Each is a file descriptor. */
const MAX_WAITING = 8_192;
/**
 * Milliseconds: most gRPC clients give up a connection after 20 s without the server's first frame. What is left is for
 * setting it up.
 */
const MAX_WAIT_MS = 15_000;

export interface AdmissionEvents {
	/** Sets the connection up: the most expensive step of its life. */
	admit(socket: Socket): void;
	/** Whether existing streams have something to send. */
	busy(): boolean;
	/** Whether as many as should be are in their handshake. It is asked again soon. @param now milliseconds. */
	shaking?(now: number): boolean;
	/** Connections are being refused. Called once, until none waits any more. */
	refusing?(): void;
}

/**
 * Admits connections at a pace when thousands come at once, so that existing streams get their turn
 * in between. The others wait: addresses have their turns, and of one address who came first is
 * first. A connection that comes alone is admitted at once.
 */
export class Admission {
	readonly #events: AdmissionEvents;
	readonly #waiting = new FairQueue();
	/** Admitted peers that have opened no stream yet, with the time of their admission. */
	readonly #settingUp = new Map<string, number>();
	#inTurn = 0;
	#turn: NodeJS.Immediate | undefined;
	#timer: NodeJS.Timeout | undefined;
	#refused = 0;
	#refusing = false;
	#stopped = false;

	constructor(events: AdmissionEvents) {
		this.#events = events;
	}

	/** How many connections wait. */
	get waiting(): number {
		return this.#waiting.size;
	}

	/** How many were refused: too many waited, or they waited too long. */
	get refused(): number {
		return this.#refused;
	}

	/** @param socket accepted, and not read from; by TLS its first bytes are there. */
	add(socket: Socket): void {
		if (this.#stopped || this.#waiting.size >= MAX_WAITING) {
			this.#refuse(socket);
			return;
		}
		this.#waiting.add(socket, performance.now());
		const peer = peerOf(socket);
		socket.once("close", () => {
			this.#waiting.delete(socket);
			this.arrived(peer);
		});
		this.#work();
	}

	/** The peer has opened a stream, or is gone. */
	arrived(peer: string): void {
		if (this.#settingUp.delete(peer)) this.#work();
	}

	/** There is room that was not there: a handshake is over. */
	shaken(): void {
		this.#work();
	}

	/** Ends all connections that wait. */
	stop(): void {
		this.#stopped = true;
		clearImmediate(this.#turn);
		clearTimeout(this.#timer);
		for (const socket of this.#waiting.clear()) socket.destroy();
		this.#settingUp.clear();
	}

	#work(): void {
		const now = performance.now();
		while (this.#waiting.size > 0) {
			if (this.#inTurn >= (this.#events.busy() ? 1 : PER_TURN)) return;
			if (!this.#hasRoom(now)) {
				this.#timer ??= setTimeout(() => this.#lookAgain(), SET_UP_MS);
				return;
			}
			const [socket, since] = this.#waiting.take() as readonly [Socket, number];
			this.#inTurn++;
			this.#turn ??= setImmediate(() => this.#nextTurn());
			if (now - since > MAX_WAIT_MS) this.#refuse(socket);
			else this.#admit(socket, now);
		}
		this.#refusing = false;
	}

	#admit(socket: Socket, now: number): void {
		this.#settingUp.set(peerOf(socket), now);
		this.#events.admit(socket);
	}

	#nextTurn(): void {
		this.#turn = undefined;
		this.#inTurn = 0;
		this.#work();
	}

	#lookAgain(): void {
		this.#timer = undefined;
		this.#work();
	}

	/**
	 * Whether one more may be set up. Peers that have opened no stream for too long are forgotten.
	 */
	#hasRoom(now: number): boolean {
		if (this.#events.shaking?.(now)) return false;
		if (this.#settingUp.size < SETTING_UP) return true;
		for (const [peer, since] of this.#settingUp) {
			if (now - since < SET_UP_MS) break;
			this.#settingUp.delete(peer);
		}
		return this.#settingUp.size < SETTING_UP;
	}

	#refuse(socket: Socket): void {
		this.#refused++;
		socket.destroy();
		if (this.#refusing) return;
		this.#refusing = true;
		this.#events.refusing?.();
	}
}
