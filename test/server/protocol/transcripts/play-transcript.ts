import type { TypeId } from "../../../../src/resources/resource-type.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import type { Ack } from "../../../../src/server/protocol/acks/response-log.js";
import { resourceOf } from "./content.js";
import type { RequestStep, Step, Version } from "./parse-transcript.js";
import type { Response } from "./read-response.js";
import { SessionPeer } from "./session-peer.js";

/** What the client's side of a type knows on the present stream. */
interface ClientType {
	readonly responses: Response[];
	/** The newest response that it has answered. */
	answered: string;
	accepted: string;
}

/** @throws at the first line that is not as the server behaves. */
export function playTranscript(steps: readonly Step[]): void {
	new Player().play(steps);
}

type Command = Exclude<Step, { kind: "response" | "taken" }>;

class Player {
	readonly #peer = new SessionPeer();
	readonly #variables = new Map<string, string>();
	readonly #types = new Map<TypeId, ClientType>();
	#taken: Ack | undefined;
	/** Whether resource errors are compared, too. */
	#errors = false;
	/** How many responses the client still reads. */
	#reads = Number.POSITIVE_INFINITY;

	play(steps: readonly Step[]): void {
		let expected: Step[] = [];
		const pending = [...steps];
		for (let step = pending.shift(); step; step = pending.shift()) {
			if (step.kind === "response" || step.kind === "taken")
				throw new Error(`line ${step.line}: it follows no command`);
			this.#do(step);
			for (let next = pending[0]; next?.kind === "taken"; next = pending[0]) {
				this.#checkTaken(next.line, next.as);
				pending.shift();
			}
			expected = [];
			while (pending[0]?.kind === "response") expected.push(pending.shift() as Step);
			this.#compare(step.line, expected);
		}
		this.#peer.close();
		if (this.#peer.held !== 0) throw new Error("the closed session still holds subscriptions");
	}

	#do(step: Command): void {
		switch (step.kind) {
			case "stream":
				this.#types.clear();
				this.#reads = Number.POSITIVE_INFINITY;
				this.#peer.open(step.mode);
				return;
			case "set":
				for (const [name, content] of step.contents) this.#put(step.type, name, content);
				return;
			case "remove":
				for (const name of step.names) {
					if (name === "*") this.#peer.setOpenness(step.type, "closed");
					else this.#peer.remove(step.type, name);
				}
				return;
			case "errors":
				this.#errors = true;
				return;
			case "ttl":
				this.#peer.ttl = step.ms;
				return;
			case "heartbeat":
				this.#peer.session.heartbeat(step.late);
				return;
			case "block":
				this.#reads = 0;
				return;
			case "unblock":
				this.#reads = step.count;
				return;
			case "request":
				this.#request(step);
				return;
		}
	}

	#put(type: TypeId, name: string, content: string): void {
		if (name === "*") this.#peer.setOpenness(type, content === "??" ? "overdue" : "open");
		else if (content === "?" || content === "??") this.#peer.await(type, name, content === "??");
		else this.#peer.put(type, name, content);
	}

	#request(step: RequestStep): void {
		const client = this.#client(step.type);
		const { answer } = step;
		const answered = answer && client.responses[(answer.index ?? client.responses.length) - 1];
		if (answer && !answered) throw new Error(`there is no response ${answer.index ?? ""} of ${step.type} to answer`);
		if (answered) client.answered = answered.nonce;
		if (answer?.kind === "ack") client.accepted = answered?.version ?? "";
		const error = answer?.kind === "nack" ? { error: answer.text } : {};
		if (this.#peer.mode === "sotw") {
			const version = step.version === undefined ? client.accepted : this.#value(step.version);
			const nonce = step.nonce ?? client.answered;
			this.#taken = this.#peer.send({ type: step.type, names: step.names, version, nonce, ...error });
			return;
		}
		for (const name of step.names) if (!/^[+-]/.test(name)) throw new Error(`delta takes +${name} or -${name}`);
		const initialVersions = Object.fromEntries(
			step.have.map(([name, content]) => [name, resourceOf(resourceType(step.type), name, content).version]),
		);
		const names = step.names.filter((name) => name.startsWith("+")).map((name) => name.slice(1));
		const unsubscribe = step.names.filter((name) => name.startsWith("-")).map((name) => name.slice(1));
		const nonce = step.nonce ?? answered?.nonce ?? "";
		this.#taken = this.#peer.send({ type: step.type, names, unsubscribe, initialVersions, nonce, ...error });
	}

	/** What the server took the last request for: `ack 2`, `nack 2 "text"` or `no answer`. */
	#checkTaken(line: number, expected: string): void {
		const actual = this.#describeTaken();
		if (actual !== expected) throw new Error(`line ${line}: it was taken as "${actual}", not as "${expected}"`);
	}

	#describeTaken(): string {
		const taken = this.#taken;
		if (!taken) return "no answer";
		for (const { responses } of this.#types.values()) {
			const index = responses.findIndex(({ nonce }) => nonce === taken.response.nonce) + 1;
			if (index > 0) return taken.kind === "ack" ? `ack ${index}` : `nack ${index} "${taken.error}"`;
		}
		return `${taken.kind} of what was never sent`;
	}

	#compare(line: number, expected: readonly Step[]): void {
		const actual = this.#take();
		const expectedTexts = expected.map((step) => (step.kind === "response" ? describe(step.type, step.items) : ""));
		const actualTexts = actual.map((response) => describe(response.type.id, itemsOf(response, this.#errors)));
		if (expectedTexts.join("\n") !== actualTexts.join("\n")) {
			const show = (texts: readonly string[]) => texts.map((text) => `\n    ${text}`).join("") || " nothing";
			throw new Error(`line ${line}: expected${show(expectedTexts)}\n  but got${show(actualTexts)}`);
		}
		for (const [i, step] of expected.entries()) {
			if (step.kind === "response") this.#bind(step.line, step.version, actual[i] as Response);
		}
	}

	#bind(line: number, version: Version, response: Response): void {
		if (version === undefined) return;
		const known = this.#variables.get(version);
		if (known === undefined) this.#variables.set(version, response.version);
		else if (known !== response.version) {
			throw new Error(`line ${line}: the version is ${response.version}, but ${version} is ${known}`);
		}
	}

	#take(): Response[] {
		const taken: Response[] = [];
		for (; this.#peer.isOpen && this.#reads > 0; this.#reads--) {
			const response = this.#peer.next();
			if (!response) break;
			this.#client(response.type.id).responses.push(response);
			taken.push(response);
		}
		return taken;
	}

	#client(type: TypeId): ClientType {
		let client = this.#types.get(type);
		if (!client) {
			client = { responses: [], answered: "", accepted: "" };
			this.#types.set(type, client);
		}
		return client;
	}

	#value(version: string): string {
		if (!version.startsWith("$")) return version;
		const value = this.#variables.get(version);
		if (value === undefined) throw new Error(`${version} is bound to nothing`);
		return value;
	}
}

function itemsOf(response: Response, errors: boolean): string[] {
	const removed = response.removed.map((name) => `-${name || '""'}`);
	const absent = errors ? response.absent.map((name) => `!${name}`) : [];
	return [...[...response.resources].map(([name, content]) => `${name}=${content}`), ...removed, ...absent];
}

function describe(type: TypeId, items: readonly string[]): string {
	return `< ${[type, ...[...items].sort()].join(" ")}`;
}
