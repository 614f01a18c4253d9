// A process of its own, run by Node as it is: @grpc/grpc-js-xds reads its bootstrap from the environment once, and a
// gRPC client that is killed or hangs must not take the tests along. It obeys commands that come over IPC.
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";

interface Tally {
	ok: number;
	failed: number;
	byBackend: Record<string, number>;
	failures: string[];
}

type Command =
	| { id: number; do: "calls"; service: string; count: number; parallel: number }
	| { id: number; do: "startLoad"; service: string; rate: number }
	| { id: number; do: "stopLoad"; service: string };

register();

const clients = new Map<string, Client>();
const loads = new Map<string, () => Promise<Tally>>();

function call(service: string): Promise<string> {
	let client = clients.get(service);
	if (!client) {
		client = new Client(`xds:///${service}`, credentials.createInsecure());
		clients.set(service, client);
	}
	const bytes = (value: Buffer) => value;
	const options = { deadline: Date.now() + 5_000 };
	return new Promise((resolve, reject) => {
		client.makeUnaryRequest("/lab.Echo/Who", bytes, bytes, Buffer.alloc(0), new Metadata(), options, (error, answer) =>
			error ? reject(error) : resolve(String(answer)),
		);
	});
}

function newTally(): Tally {
	return { ok: 0, failed: 0, byBackend: {}, failures: [] };
}

async function count(tally: Tally, service: string): Promise<void> {
	const started = Date.now();
	try {
		const name = await call(service);
		tally.ok++;
		tally.byBackend[name] = (tally.byBackend[name] ?? 0) + 1;
	} catch (reason) {
		tally.failed++;
		const text = `${new Date().toISOString()} after ${Date.now() - started} ms: ${String(reason)}`;
		if (tally.failures.length < 10) tally.failures.push(text);
	}
}

function startLoad(service: string, rate: number): void {
	const tally = newTally();
	const open = new Set<Promise<void>>();
	const started = performance.now();
	let sent = 0;
	const timer = setInterval(() => {
		const due = ((performance.now() - started) * rate) / 1_000;
		for (let batch = 0; sent < due && batch < 20; batch++, sent++) {
			const one: Promise<void> = count(tally, service).finally(() => open.delete(one));
			open.add(one);
		}
	}, 5);
	loads.set(service, async () => {
		clearInterval(timer);
		loads.delete(service);
		await Promise.all(open);
		return tally;
	});
}

async function obey(command: Command): Promise<Tally> {
	const tally = newTally();
	if (command.do === "startLoad") startLoad(command.service, command.rate);
	else if (command.do === "stopLoad") return (await loads.get(command.service)?.()) ?? tally;
	else {
		let left = command.count;
		const worker = async () => {
			while (left-- > 0) await count(tally, command.service);
		};
		await Promise.all(Array.from({ length: command.parallel }, worker));
	}
	return tally;
}

process.on("message", (command: Command) => {
	obey(command).then(
		(tally) => process.send?.({ id: command.id, tally }),
		(reason: unknown) => process.send?.({ id: command.id, error: String(reason) }),
	);
});
// The test that started it is gone.
process.on("disconnect", () => process.exit(0));
