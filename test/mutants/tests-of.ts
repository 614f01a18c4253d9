import { basename, dirname } from "node:path/posix";
import { importsOf } from "../import-graph.js";

/** Rooms that random histories play with, and the tests that do. */
const MODELLED = ["server/protocol", "cache"];
const MODELS = [
	"test/server/session.model.test.ts",
	"test/server/access.model.test.ts",
	"test/server/rejection.model.test.ts",
	"test/server/ttl.model.test.ts",
	"test/server/crowd.test.ts",
	"test/server/crowd.model.test.ts",
];

/** Finds the tests that might notice a slip. */
export class TestsOf {
	readonly #tests: readonly string[];
	/** Who imports a file. */
	readonly #importers = new Map<string, string[]>();

	/**
	 * @param tests all unit tests
	 * @param files the text of each TypeScript file by its path
	 */
	constructor(tests: readonly string[], files: ReadonlyMap<string, string>) {
		this.#tests = tests;
		for (const { from, to } of importsOf(files, true)) {
			this.#importers.set(to, [...(this.#importers.get(to) ?? []), from]);
		}
	}

	/** Three parts: those of the file itself, the others of its room, and all others that import it, however far away. */
	of(file: string): readonly [own: readonly string[], room: readonly string[], others: readonly string[]] {
		const mirror = dirname(file).replace(/^src/, "test");
		const name = `${basename(file, ".ts")}.test.ts`;
		const direct = new Set(this.#importers.get(file));
		const near = this.#tests.filter((test) => this.#isNear(test, file));
		const own = near.filter((test) => direct.has(test) || basename(test) === name || dirname(test) === mirror);
		const reached = this.#reached(file);
		const others = this.#tests.filter((test) => reached.has(test) && !near.includes(test));
		return [own, near.filter((test) => !own.includes(test)), others];
	}

	/** Whether it is in the folder of test/ that mirrors the file's room, one of src/ or of src/server/, or plays with the room. */
	#isNear(test: string, file: string): boolean {
		const [, room = "", floor = ""] = file.split("/");
		const name = room === "server" ? `${room}/${floor}` : room;
		return test.startsWith(`test/${name}/`) || (MODELLED.includes(name) && MODELS.includes(test));
	}

	#reached(file: string): ReadonlySet<string> {
		const seen = new Set([file]);
		for (const each of seen) for (const importer of this.#importers.get(each) ?? []) seen.add(importer);
		return seen;
	}
}
