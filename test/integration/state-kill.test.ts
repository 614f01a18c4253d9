import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";

/** How often it is killed; FINGERPOST_KILLS says more. */
const KILLS = Number(process.env.FINGERPOST_KILLS ?? 20);
const SERVICES = 20;

const names = Array.from({ length: SERVICES }, (_, i) => `s${i}`);

/** What a service has in its generation: another number of endpoints each time, all of them with the generation's port. */
function list(generation: number): string {
	return JSON.stringify(
		Array.from({ length: 1 + (generation % 5) }, (_, i) => `127.0.1.${i + 1}:${1_000 + generation}`),
	);
}

describe("a process that is killed while everything changes", () => {
	it(`always starts, and always with what was once served: ${KILLS} times`, async () => {
		const state = await mkdtemp(join(tmpdir(), "fingerpost-state-"));
		const server = await Fingerpost.start({ state: { directory: state }, services: {} });
		try {
			const sources = (name: string) => join(server.folder, `${name}.yaml`);
			const files = Object.fromEntries(names.map((name) => [name, `file://${sources(name)}`]));
			let generation = 0;
			const write = async () => {
				generation++;
				for (const name of names) await server.writeFile(`${name}.yaml`, list(generation));
			};
			await write();
			await server.setServices(files);
			await waitUntil("all is served", async () => (await served(server)).every(({ length }) => length > 0));
			for (let kill = 0; kill < KILLS; kill++) {
				const until = performance.now() + 50 + Math.random() * 600;
				while (performance.now() < until) await write();
				await server.kill("SIGKILL");
				// Its sources are away when it starts again.
				for (const name of names) await rm(sources(name));
				await server.startAgain();
				for (const [i, addresses] of (await served(server)).entries()) {
					const ports = new Set(addresses.map((address) => address.split(":")[1]));
					expect(ports.size, `${names[i]}: ${addresses}`).toBe(1);
					const [port] = [...ports].map(Number) as [number];
					expect(addresses.toSorted()).toEqual((JSON.parse(list(port - 1_000)) as string[]).toSorted());
				}
				await write();
				await waitUntil("all is new", async () =>
					(await served(server)).every(([first]) => first?.endsWith(`:${1_000 + generation}`)),
				);
			}
		} finally {
			await server[Symbol.asyncDispose]();
			await rm(state, { recursive: true, force: true });
		}
	});
});

/** The addresses of each service. */
async function served(server: Fingerpost): Promise<string[][]> {
	return Promise.all(
		names.map(async (name) => {
			const { items = [] } = await server.service(name);
			return items.map(({ address, port }) => `${address}:${port}`);
		}),
	);
}
