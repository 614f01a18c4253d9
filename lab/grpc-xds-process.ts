// A process of its own, run by Node as it is: @grpc/grpc-js-xds reads its bootstrap from the environment once, and a
// gRPC client that is killed or hangs must not take the tests along. It obeys commands that come as lines of JSON;
// lab/clients/README.md describes them.
import { createInterface } from "node:readline";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { register, XdsChannelCredentials } from "@grpc/grpc-js-xds";

interface Tally {
	ok: number;
	failed: number;
	byBackend: Record<string, number>;
	failures: string[];
	slowest: number;
}

type Command = { id: number; service: string; deadline: number; user?: string } & (
	| { do: "calls"; count: number; parallel: number }
	| { do: "startLoad"; rate: number }
	| { do: "readLoad" }
	| { do: "stopLoad" }
);

register();

/** TLS where the control plane says so, else in clear. */
const CREDENTIALS = new XdsChannelCredentials(credentials.createInsecure());

const clients = new Map<string, Client>();
const loads = new Map<string, { readonly tally: Tally; stop(): Promise<Tally> }>();

function call({ service, deadline, user }: Command): Promise<string> {
	let client = clients.get(service);
	if (!client) {
		client = new Client(`xds:///${service}`, CREDENTIALS);
		clients.set(service, client);
	}
	const bytes = (value: Buffer) => value;
	const options = { deadline: Date.now() + deadline };
	const metadata = new Metadata();
	if (user !== undefined) metadata.set("x-user", user);
	return new Promise((resolve, reject) => {
		client.makeUnaryRequest("/lab.Echo/Who", bytes, bytes, Buffer.alloc(0), metadata, options, (error, answer) =>
			error ? reject(error) : resolve(String(answer)),
		);
	});
}

function newTally(): Tally {
	return { ok: 0, failed: 0, byBackend: {}, failures: [], slowest: 0 };
}

async function count(tally: Tally, command: Command): Promise<void> {
	const started = Date.now();
	try {
		const name = await call(command);
		tally.ok++;
		tally.byBackend[name] = (tally.byBackend[name] ?? 0) + 1;
	} catch (reason) {
		tally.failed++;
		const text = `${new Date().toISOString()} after ${Date.now() - started} ms: ${String(reason)}`;
		if (tally.failures.length < 10) tally.failures.push(text);
	}
	tally.slowest = Math.max(tally.slowest, Date.now() - started);
}

function startLoad(command: Command & { readonly do: "startLoad" }): void {
	const { service, rate } = command;
	const tally = newTally();
	const open = new Set<Promise<void>>();
	const started = performance.now();
	let sent = 0;
	const timer = setInterval(() => {
		const due = ((performance.now() - started) * rate) / 1_000;
		for (let batch = 0; sent < due && batch < 20; batch++, sent++) {
			const one: Promise<void> = count(tally, command).finally(() => open.delete(one));
			open.add(one);
		}
	}, 5);
	const stop = async () => {
		clearInterval(timer);
		loads.delete(service);
		await Promise.all(open);
		return tally;
	};
	loads.set(service, { tally, stop });
}

async function obey(command: Command): Promise<Tally> {
	const tally = newTally();
	if (command.do === "startLoad") startLoad(command);
	else if (command.do === "readLoad") return loads.get(command.service)?.tally ?? tally;
	else if (command.do === "stopLoad") return (await loads.get(command.service)?.stop()) ?? tally;
	else {
		let left = command.count;
		const worker = async () => {
			while (left-- > 0) await count(tally, command);
		};
		await Promise.all(Array.from({ length: command.parallel }, worker));
	}
	return tally;
}

function reply(answer: object): void {
	process.stdout.write(`${JSON.stringify(answer)}\n`);
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
	const command = JSON.parse(line) as Command;
	obey(command).then(
		(tally) => reply({ id: command.id, tally }),
		(reason: unknown) => reply({ id: command.id, error: String(reason) }),
	);
});
// The test that started it is gone.
lines.once("close", () => process.exit(0));
