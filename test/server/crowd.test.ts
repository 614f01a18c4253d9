import { describe, expect, it, vi } from "vitest";
import { ResourceSet } from "../../src/cache/resource-set.js";
import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../src/gen/envoy/service/discovery/v3/discovery.js";
import { resourceType } from "../../src/resources/resource-types.js";
import { InternedNames } from "../../src/server/wire/interned-names.js";
import { messageIn } from "../../src/server/wire/message-frame.js";
import type { Mode } from "../../src/server/wire/mode.js";
import { type OpenSession, openSession } from "./open-session.js";
import { resourceOf } from "./protocol/transcripts/content.js";
import { readResponse } from "./protocol/transcripts/read-response.js";

const EDS = resourceType("eds");

/** Streams of one server, all for endpoints. */
class Crowd {
	readonly set = new ResourceSet(EDS);
	readonly #lists = new InternedNames();
	#sequence = 0;
	#time = 0;

	open(mode: Mode): Stream {
		const context = {
			acquire: () => this.set,
			release: () => {},
			nextSequence: () => ++this.#sequence,
			onDue: () => {},
		};
		return new Stream(openSession(mode, context, this.#lists));
	}

	put(name: string, content: string): void {
		this.set.put(resourceOf(EDS, name, content), ++this.#time);
	}
}

class Stream {
	readonly frames: Buffer[] = [];
	/** Of each whether nobody asked for it. */
	readonly pushes: boolean[] = [];
	readonly session: OpenSession["session"];
	readonly #receive: OpenSession["receive"];

	constructor({ session, receive }: OpenSession) {
		this.session = session;
		this.#receive = receive;
	}

	send(names: readonly string[], unsubscribe: readonly string[] = []): void {
		const { nonce = "" } = this.#last() ?? {};
		if (this.session.mode === "delta") {
			const parts = { resourceNamesSubscribe: [...names], resourceNamesUnsubscribe: [...unsubscribe] };
			const request = DeltaDiscoveryRequest.fromPartial({ typeUrl: EDS.url, responseNonce: nonce, ...parts });
			this.#receive(DeltaDiscoveryRequest.encode(request).finish());
			return;
		}
		const parts = { resourceNames: [...names], responseNonce: nonce };
		this.#receive(DiscoveryRequest.encode(DiscoveryRequest.fromPartial({ typeUrl: EDS.url, ...parts })).finish());
	}

	accept(names: readonly string[], back: number): void {
		this.#answer(names, back, undefined);
	}

	/** @param back counted from the last response, which is 1. */
	reject(names: readonly string[], back = 1): void {
		this.#answer(names, back, { code: 3, message: "no" });
	}

	#answer(
		names: readonly string[],
		back: number,
		errorDetail: { readonly code: number; readonly message: string } | undefined,
	): void {
		const frame = this.frames.at(-back) as Buffer;
		const { nonce } = readResponse(this.session.mode, messageIn(frame));
		if (this.session.mode === "delta") {
			const request = DeltaDiscoveryRequest.fromPartial({ typeUrl: EDS.url, responseNonce: nonce, errorDetail });
			this.#receive(DeltaDiscoveryRequest.encode(request).finish());
			return;
		}
		const request = DiscoveryRequest.fromPartial({
			typeUrl: EDS.url,
			resourceNames: [...names],
			responseNonce: nonce,
			errorDetail,
		});
		this.#receive(DiscoveryRequest.encode(request).finish());
	}

	/** Takes what is due. @returns its resources, and what is removed. */
	take(): Record<string, string | undefined> {
		const got: Record<string, string | undefined> = {};
		for (let next = this.session.next(); next; next = this.session.next()) {
			this.frames.push(next.frame);
			this.pushes.push(next.push);
			const { resources, removed } = readResponse(this.session.mode, messageIn(next.frame));
			for (const [name, content] of resources) got[name] = content;
			for (const name of removed) got[name] = undefined;
		}
		return got;
	}

	#last() {
		const frame = this.frames.at(-1);
		return frame && readResponse(this.session.mode, messageIn(frame));
	}
}

function crowdOf(mode: Mode, names: readonly string[], count = 3) {
	const crowd = new Crowd();
	for (const name of ["a", "b", "c"]) crowd.put(name, "1");
	const streams = Array.from({ length: count }, () => crowd.open(mode));
	for (const stream of streams) stream.send(names);
	return { crowd, streams };
}

describe.each<Mode>(["sotw", "delta"])("streams that ask for the same, %s,", (mode) => {
	const crowd = (names: readonly string[], count = 3) => crowdOf(mode, names, count);

	it("are sent the very same bytes, at first and at each change", () => {
		const { crowd: server, streams } = crowd(["a", "b"]);
		for (const stream of streams) expect(stream.take()).toEqual({ a: "1", b: "1" });
		server.put("b", "2");
		for (const stream of streams) expect(stream.take()).toEqual({ b: "2" });
		const [first] = streams;
		for (const { frames } of streams) {
			for (const [i, frame] of frames.entries()) expect(frame).toBe(first?.frames[i]);
		}
	});

	it("are looked up what changed once for all, also where the ACK of the push before comes after it", () => {
		const { crowd: server, streams } = crowd(["a", "b"]);
		for (const stream of streams) stream.take();
		const acknowledge = () => {
			for (const stream of streams) stream.send(mode === "delta" ? [] : ["a", "b"]);
		};
		acknowledge();
		server.put("b", "2");
		for (const stream of streams) stream.take();
		server.put("a", "2");
		acknowledge();
		server.put("b", "3");
		const looked = vi.spyOn(server.set, "get");
		expect(streams[0]?.take()).toEqual({ a: "2", b: "3" });
		expect(looked).toHaveBeenCalled();
		looked.mockClear();
		for (const stream of streams.slice(1)) expect(stream.take()).toEqual({ a: "2", b: "3" });
		expect(looked).not.toHaveBeenCalled();
	});

	it("get each what it lacks where they are at different places of the same changes", () => {
		const { crowd: server, streams } = crowd(["a", "b"]);
		for (const stream of streams) stream.take();
		server.put("a", "2");
		expect(streams[0]?.take()).toEqual({ a: "2" });
		server.put("b", "2");
		expect(streams[0]?.take()).toEqual({ b: "2" });
		for (const stream of streams.slice(1)) expect(stream.take()).toEqual({ a: "2", b: "2" });
	});

	it("that reject what has changed since get it when it is as it was then", () => {
		const { crowd: server, streams } = crowd(["a", "b"]);
		for (const stream of streams) stream.take();
		for (const stream of streams) stream.send(mode === "delta" ? [] : ["a", "b"]);
		server.put("a", "2");
		for (const stream of streams) stream.take();
		server.put("a", "3");
		for (const stream of streams) stream.reject(["a", "b"]);
		server.put("a", "2");
		for (const stream of streams) expect(stream.take()).toEqual({ a: "2" });
	});

	it("get each what it lacks where one of them has rejected what the others have", () => {
		const { crowd: server, streams } = crowd(["a", "b"]);
		const acknowledge = () => {
			for (const stream of streams) stream.send(mode === "delta" ? [] : ["a", "b"]);
		};
		for (const stream of streams) stream.take();
		acknowledge();
		server.put("a", "2");
		for (const stream of streams) stream.take();
		const [one, ...others] = streams as [Stream, ...Stream[]];
		one.reject(["a", "b"]);
		expect(one.take()).toEqual({});
		server.put("a", "1");
		server.put("b", "2");
		expect(one.take()).toEqual({ b: "2" });
		for (const stream of others) expect(stream.take()).toEqual({ a: "1", b: "2" });
		acknowledge();
		// It is as it was when it was rejected.
		server.put("a", "2");
		server.put("b", "3");
		for (const stream of others) expect(stream.take()).toEqual({ a: "2", b: "3" });
		expect(one.take()).toEqual({ b: "3" });
	});

	it("are told of different things once one of them asks for something else", () => {
		const { crowd: server, streams } = crowd(["a", "b"]);
		const [one, other] = streams as [Stream, Stream];
		for (const stream of streams) stream.take();
		if (mode === "delta") one.send(["c"], ["a"]);
		else one.send(["b", "c"]);
		expect(one.take()).toEqual({ c: "1" });
		server.put("a", "2");
		server.put("b", "2");
		server.put("c", "2");
		expect(one.take()).toEqual({ b: "2", c: "2" });
		expect(other.take()).toEqual({ a: "2", b: "2" });
		// It comes back to what the others want.
		if (mode === "delta") one.send(["a"], ["c"]);
		else one.send(["a", "b"]);
		expect(one.take()).toEqual({ a: "2" });
		server.put("a", "3");
		server.put("c", "3");
		expect([one.take(), other.take()]).toEqual([{ a: "3" }, { a: "3" }]);
	});

	it("get what there is at the time, though others were answered before it changed", () => {
		const { crowd: server, streams } = crowd(["a", "gone"], 1);
		const absent = mode === "delta" ? undefined : "empty";
		expect(streams[0]?.take()).toEqual({ a: "1", gone: absent });
		const late = server.open(mode);
		late.send(["a", "gone"]);
		server.put("gone", "1");
		expect(late.take()).toEqual({ a: "1", gone: "1" });
		expect(streams[0]?.take()).toEqual({ gone: "1" });
		server.set.remove("a", 9);
		const last = server.open(mode);
		last.send(["a", "gone"]);
		expect(last.take()).toEqual({ a: absent, gone: "1" });
		expect(late.take()).toEqual({ a: "empty" });
	});

	it("are answered, and not sent a change, once they gave up what had changed", () => {
		const { crowd: server, streams } = crowd(["a", "b"], 1);
		const [stream] = streams as [Stream];
		stream.take();
		server.put("a", "2");
		if (mode === "delta") stream.send([], ["a"]);
		else stream.send(["b"]);
		expect(stream.take()).toEqual({});
		if (mode === "delta") stream.send(["c"]);
		else stream.send(["b", "c"]);
		expect(stream.take()).toEqual({ c: "1" });
		server.put("c", "2");
		expect(stream.take()).toEqual({ c: "2" });
		expect(stream.pushes).toEqual([false, false, true]);
	});

	it("get each thing once where one comes for more than one response holds, just before a change", () => {
		const { crowd: server, streams } = crowd(["a", "b"], 1);
		for (const name of ["a", "b"]) server.put(name, "3MB");
		const [stream] = streams as [Stream];
		stream.take();
		stream.send(mode === "delta" ? [] : ["a", "b"]);
		const late = server.open(mode);
		late.send(["a", "b"]);
		server.put("a", "2MB");
		expect(stream.take()).toEqual({ a: "2MB" });
		expect([late.take(), late.frames.length]).toEqual([{ a: "2MB", b: "3MB" }, 2]);
	});

	it("wait each for what is not known yet, and leave nothing when they are gone", () => {
		const server = new Crowd();
		server.put("a", "1");
		server.set.await("b", false, 1);
		const streams = [server.open(mode), server.open(mode)];
		for (const stream of streams) stream.send(["a", "b"]);
		for (const stream of streams) expect(stream.take()).toEqual({ a: "1" });
		server.put("b", "1");
		for (const stream of streams) expect(stream.take()).toEqual({ b: "1" });
		for (const { session } of streams) session.close();
		expect(server.set.subscriptions).toBe(0);
	});
});

it("delta streams do not share what one of them is found not to have had", () => {
	const { crowd: server, streams } = crowdOf("delta", ["a", "b"]);
	const [one, other] = streams as [Stream, Stream];
	for (const stream of streams) stream.take();
	for (const stream of streams) stream.send([]);
	server.put("a", "2");
	for (const stream of streams) stream.take();
	server.put("a", "3");
	for (const stream of streams) stream.take();
	one.reject([], 2);
	other.accept([], 2);
	other.reject([]);
	// Of "2", which only the other one has, the cache goes back to what both had before it.
	server.put("a", "1");
	expect(other.take()).toEqual({ a: "1" });
});
