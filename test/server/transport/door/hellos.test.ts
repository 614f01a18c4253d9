import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { waitUntil } from "../../../../lab/wait-until.js";
import { Hellos } from "../../../../src/server/transport/door/hellos.js";

let server: Server;
let told: string[];
let hellos: Hellos;

beforeEach(async () => {
	told = [];
	hellos = new Hellos((address, reason) => told.push(`${address.replace(/\d+$/, "PORT")} ${reason}`));
	server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
	await once(server, "listening");
});
afterEach(() => {
	server.close();
	vi.useRealTimers();
});

/** Both ends of a connection, of which the server's is waited for. */
async function pair(came: () => void): Promise<{ client: Socket; accepted: Socket; closed: Promise<unknown> }> {
	const client = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
	const [accepted] = (await once(server, "connection")) as [Socket];
	accepted.on("error", () => {});
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
	const closed = new Promise((resolve) => accepted.once("close", resolve));
	hellos.wait(accepted, came);
	return { client, accepted, closed };
}

it("hands on who has sent something, once, with all that came", async () => {
	const { promise, resolve } = Promise.withResolvers<void>();
	const came = vi.fn(resolve);
	const { client, accepted } = await pair(came);
	expect(vi.getTimerCount()).toBe(1);
	client.write("first");
	await promise;
	// Neither its time nor its end is looked at any more.
	expect(vi.getTimerCount()).toBe(0);
	hellos.stop();
	expect(accepted.destroyed).toBe(false);
	vi.useRealTimers();
	client.write(" then");
	await waitUntil("the other bytes are there, too", () => accepted.readableLength === 10);
	expect(String(accepted.read())).toBe("first then");
	expect(came).toHaveBeenCalledOnce();
	accepted.destroy();
	client.destroy();
	expect(told).toEqual([]);
});

it("ends who is silent for 10 s, and says so", async () => {
	const came = vi.fn();
	const { accepted, closed } = await pair(came);
	vi.advanceTimersByTime(9_999);
	expect(accepted.destroyed).toBe(false);
	vi.advanceTimersByTime(1);
	await closed;
	expect(told).toEqual(["127.0.0.1:PORT its handshake took too long"]);
	expect(came).not.toHaveBeenCalled();
});

it("tells of who goes without a word", async () => {
	const came = vi.fn();
	const { client, closed } = await pair(came);
	client.destroy();
	await closed;
	expect(told).toEqual(["127.0.0.1:PORT it closed the connection during the handshake"]);
	expect([came.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0]);
});

it("ends who sends more at once than a ClientHello can be", async () => {
	const came = vi.fn();
	const { client, accepted, closed } = await pair(came);
	// All of it in one read.
	accepted.emit("data", Buffer.alloc(16 * 1_024 + 6));
	await closed;
	expect(told).toEqual(["127.0.0.1:PORT it does not speak TLS"]);
	expect(came).not.toHaveBeenCalled();
	client.destroy();
});

it("ends those that are silent when it is stopped, and tells of none", async () => {
	const came = vi.fn();
	const { closed } = await pair(came);
	hellos.stop();
	await closed;
	expect([told, came.mock.calls.length, vi.getTimerCount()]).toEqual([[], 0, 0]);
});
