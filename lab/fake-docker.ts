import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";

/** A container as an engine lists it; what is not given is as for one on the bridge with no port. */
export interface FakeContainer {
	readonly id?: string;
	readonly name: string;
	readonly labels?: Readonly<Record<string, string>>;
	readonly state?: string;
	/** As the engine puts it: `Up 2 minutes (healthy)`. */
	readonly status?: string;
	/** Network → address. */
	readonly networks?: Readonly<Record<string, string>>;
	readonly mode?: string;
	readonly ports?: readonly Readonly<Record<string, unknown>>[];
	/** What the description of it has, and the list has not where it is on the host's network: `8080/tcp`. */
	readonly exposed?: readonly string[];
}

/** How a request is answered other than from the containers. */
export interface FakeReaction {
	/** No answer at all; the connection stays. */
	readonly silent?: boolean;
	/** No answer, and the connection ends. */
	readonly hangUp?: boolean;
	readonly status?: number;
	/** The body as it is. */
	readonly raw?: string;
}

/** A container engine on a Unix socket that says what the test tells it to, in the forms that engines use, and counts. */
export class FakeDocker implements AsyncDisposable {
	readonly socket: string;
	/** The paths that were asked for, in order. */
	readonly requests: string[] = [];
	/** Whether a stream of events begins with the first event only. */
	lateEvents = false;
	/** Overrides the containers where it gives something. */
	react: (path: string) => FakeReaction | undefined = () => undefined;
	/** Of the engine itself: a manager of a Swarm has services and tasks. */
	swarm: { readonly services: readonly unknown[]; readonly tasks: readonly unknown[] } | undefined;
	#containers: readonly FakeContainer[] = [];
	readonly #events = new Set<ServerResponse>();
	readonly #server: Server;

	private constructor(socket: string) {
		this.socket = socket;
		this.#server = createServer((request, response) => this.#answer(request, response));
	}

	/** @param folder where the socket is made. */
	static async start(folder: string): Promise<FakeDocker> {
		const docker = new FakeDocker(join(folder, "docker.sock"));
		await docker.listen();
		return docker;
	}

	get url(): string {
		return `unix://${this.socket}`;
	}

	/** Streams of events that are open. */
	get open(): number {
		return this.#events.size;
	}

	get connections(): Promise<number> {
		return new Promise((resolve, reject) =>
			this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
		);
	}

	count(path: string): number {
		return this.requests.filter((each) => each === path).length;
	}

	/** These run now; followers are told by an event. */
	run(...containers: readonly FakeContainer[]): void {
		this.replace(...containers);
		this.event();
	}

	/** The same without an event, as if it had been missed. */
	replace(...containers: readonly FakeContainer[]): void {
		this.#containers = containers;
	}

	event(action = "start"): void {
		for (const response of this.#events) response.write(`${JSON.stringify({ Type: "container", Action: action })}\n`);
	}

	endEvents(): void {
		for (const response of this.#events) response.end();
	}

	async listen(): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			this.#server.once("error", reject);
			this.#server.listen(this.socket, resolve);
		});
	}

	/** Until listen() nobody answers. */
	async stop(): Promise<void> {
		if (!this.#server.listening) return;
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
	}

	#answer(request: IncomingMessage, response: ServerResponse): void {
		const { pathname: path } = new URL(request.url ?? "/", "http://docker");
		this.requests.push(path);
		const reaction = request.method === "GET" ? this.react(path) : { status: 405 };
		if (reaction?.silent) return;
		if (reaction?.hangUp) {
			request.socket.destroy();
			return;
		}
		if (reaction?.status !== undefined) {
			response.writeHead(reaction.status).end(JSON.stringify({ message: `said ${reaction.status}` }));
			return;
		}
		response.writeHead(200, { "content-type": "application/json" });
		if (reaction?.raw !== undefined) response.end(reaction.raw);
		else if (path === "/events") {
			this.#events.add(response);
			response.on("close", () => this.#events.delete(response));
			if (!this.lateEvents) response.flushHeaders();
		} else response.end(JSON.stringify(this.#content(path)));
	}

	#content(path: string): unknown {
		if (path === "/info") return { Swarm: { ControlAvailable: this.swarm !== undefined } };
		if (path === "/services") return this.swarm?.services ?? [];
		if (path === "/tasks") return this.swarm?.tasks ?? [];
		const one = this.#containers.find((container) => path === `/containers/${idOf(container)}/json`);
		if (one) return { Config: { ExposedPorts: Object.fromEntries((one.exposed ?? []).map((port) => [port, {}])) } };
		return this.#containers.map(listed);
	}
}

/** In the form of `GET /containers/json`. */
function listed(container: FakeContainer): unknown {
	const { name, labels, state, status, networks, mode, ports } = container;
	const addresses = Object.entries(networks ?? { bridge: "172.17.0.2" });
	return {
		Id: idOf(container),
		Names: [`/${name}`],
		Image: "web:1",
		Labels: labels ?? {},
		State: state ?? "running",
		Status: status ?? "Up 2 minutes",
		Ports: ports ?? [],
		HostConfig: { NetworkMode: mode ?? addresses[0]?.[0] ?? "none" },
		NetworkSettings: {
			Networks: Object.fromEntries(
				addresses.map(([network, IPAddress]) => [network, { IPAddress, GlobalIPv6Address: "" }]),
			),
		},
	};
}

function idOf({ id, name }: FakeContainer): string {
	return id ?? Buffer.from(name.padEnd(32, ".")).toString("hex");
}
