import { request } from "node:http";
import { expect, it } from "vitest";
import { FakeListServer } from "../../../lab/fake-list-server.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { Agents } from "../../../src/providers/http-client/agents.js";

it("connections that are retired end after the answer that is under way", async () => {
	await using server = await FakeListServer.start();
	server.react = () => ({ events: "data: 1\n\n" });
	const agents = new Agents(undefined);
	const url = new URL(`http://127.0.0.1:${server.port}/`);
	const ended = new Promise<string>((resolve, reject) => {
		const sent = request(url, { agent: agents.for(url) }, (response) => {
			let text = "";
			response.setEncoding("utf8").on("data", (piece) => {
				text += piece;
			});
			response.on("end", () => resolve(text)).on("error", reject);
		});
		sent.on("error", reject).end();
	});
	await waitUntil("it is under way", () => server.streams === 1);
	agents.retire();
	server.send("data: 2\n\n");
	server.endStreams();
	expect(await ended).toBe("data: 1\n\ndata: 2\n\n");
	await waitUntil("it is closed", async () => (await server.connections) === 0);
});
