import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../../../src/model/limits.js";
import { type Room, UnreadMessages } from "../../../../src/server/transport/messages/unread-messages.js";

const MIB = 1024 * 1024;
const limits = { ...DEFAULT_LIMITS, messageBytes: 4 * MIB, unreadBytes: 32 * MIB };

/** Those that have room, in the order in which they got it. */
function asking(unread: UnreadMessages) {
	const rooms: (readonly [who: string, room: Room])[] = [];
	const ask = (who: string, bytes: number) => unread.ask(who, bytes, (room) => rooms.push([who, room]));
	const giveBack = (who: string) =>
		rooms
			.splice(
				rooms.findIndex(([each]) => each === who),
				1,
			)[0]?.[1]
			.giveBack();
	return { ask, giveBack, who: () => rooms.map(([each]) => each) };
}

describe("the memory for messages that have not come whole", () => {
	it("is shared by all, and who finds no room waits for it", () => {
		const unread = new UnreadMessages(() => limits);
		const { ask, giveBack, who } = asking(unread);
		for (const peer of ["a", "b", "c", "d", "e", "f"]) ask(peer, 4 * MIB);
		expect(who()).toEqual(["a", "b", "c", "d"]);
		giveBack("b");
		expect(who()).toEqual(["a", "c", "d", "e"]);
		expect(unread.taken).toBe(16 * MIB);
	});

	it("is no more than a fourth of one address, who holds up nobody else", () => {
		const { ask, giveBack, who } = asking(new UnreadMessages(() => limits));
		for (const peer of ["a", "a", "a", "b"]) ask(peer, 3 * MIB);
		expect(who()).toEqual(["a", "b"]);
		giveBack("a");
		expect(who()).toEqual(["b", "a"]);
	});

	it("has a half for small messages, which large ones cannot take", () => {
		const { ask, who } = asking(new UnreadMessages(() => limits));
		for (const peer of ["a", "b", "c", "d", "e"]) ask(peer, 4 * MIB);
		ask("f", 60_000);
		expect(who().at(-1)).toBe("f");
	});

	it("is given back once, and not given to who has given up", () => {
		const unread = new UnreadMessages(() => limits);
		const rooms: Room[] = [];
		unread.ask("a", 4 * MIB, (room) => rooms.push(room));
		const giveUp = unread.ask("a", 4 * MIB, (room) => rooms.push(room));
		giveUp();
		for (const room of rooms) {
			room.giveBack();
			room.giveBack();
		}
		expect(rooms).toHaveLength(1);
		expect(unread.taken).toBe(0);
	});
});
