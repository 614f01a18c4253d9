import { basename, dirname } from "node:path";
import { type Disk, type DiskFile, SYNCED } from "../../src/state/disk.js";

/** What a power cut leaves is chosen by this: a number from 0 to below. */
export type Choose = (below: number) => number;

class FileNode {
	/** A character is a byte. */
	text = "";
	modified = new Date(0);
	/** As it was synced last. */
	synced: { readonly text: string; readonly modified: Date } | undefined;
}

class Folder {
	readonly names = new Map<string, FileNode | Folder>();
	/** What is on the disk itself. */
	durable = new Map<string, FileNode | Folder>();
	/** What was done since the last sync: each is there as a whole after a power cut, or is not. */
	changes: ReadonlyMap<string, FileNode | Folder | undefined>[] = [];

	change(...changed: readonly (readonly [string, FileNode | Folder | undefined])[]): void {
		this.changes.push(new Map(changed));
		set(this.names, changed);
	}

	sync(): void {
		this.durable = new Map(this.names);
		this.changes = [];
	}
}

/** The power is gone: nothing is done any more. */
export class PowerCut extends Error {}

/**
 * A disk that keeps for certain only what was synced: a file's contents by the file, its name by the directory. Of all else
 * a power cut leaves anything: a name or not, the old contents, none, a part of the new ones, or zeros for any part.
 */
export class ForgetfulDisk implements Disk {
	readonly #root = new Folder();
	#calls = 0;
	/** After so many calls the power is gone. */
	cutAfter = Number.POSITIVE_INFINITY;
	/** Each of these calls fails once. */
	readonly failing: string[] = [];

	get isCut(): boolean {
		return this.#calls >= this.cutAfter;
	}

	/** Whether a name would not certainly be there. */
	get isUnsynced(): boolean {
		const pending = (folder: Folder): boolean =>
			folder.changes.length > 0 || [...folder.names.values()].some((node) => node instanceof Folder && pending(node));
		return pending(this.#root);
	}

	/** The disk after a power cut at this moment. */
	afterPowerCut(choose: Choose): ForgetfulDisk {
		const left = new ForgetfulDisk();
		leave(this.#root, left.#root, choose);
		return left;
	}

	/** All that is there now is there for certain. */
	settle(): void {
		const settle = (folder: Folder) => {
			folder.sync();
			for (const node of folder.names.values()) {
				if (node instanceof Folder) settle(node);
				else node.synced = { text: node.text, modified: node.modified };
			}
		};
		settle(this.#root);
	}

	mkdirSync(path: string): string | undefined {
		this.#call("mkdir");
		let first: string | undefined;
		for (const each of pathsTo(path)) {
			if (this.#find(each)) continue;
			this.#folder(dirname(each)).change([basename(each), new Folder()]);
			first ??= each;
		}
		return first;
	}

	readdirSync(path: string): string[] {
		this.#call("readdir");
		return [...this.#folder(path).names.keys()];
	}

	readFileSync(path: string, encoding: "utf8"): string;
	readFileSync(path: string): Buffer;
	readFileSync(path: string, encoding?: "utf8"): string | Buffer {
		this.#call("read");
		const bytes = Buffer.from(this.#file(path).text, "latin1");
		return encoding ? bytes.toString(encoding) : bytes;
	}

	writeFileSync(path: string, text: string): void {
		this.#call("write");
		this.#open(path, true).text = Buffer.from(text).toString("latin1");
	}

	statSync(path: string): { readonly mtimeMs: number; readonly mtime: Date } | undefined {
		this.#call("stat");
		const node = this.#find(path);
		return node instanceof FileNode ? { mtimeMs: node.modified.getTime(), mtime: node.modified } : undefined;
	}

	linkSync(from: string, to: string): void {
		this.#call("link");
		if (this.#find(to)) throw failed("EEXIST", to);
		this.#folder(dirname(to)).change([basename(to), this.#file(from)]);
	}

	renameSync(from: string, to: string): void {
		this.#call("rename");
		this.#folder(dirname(to)).change([basename(to), this.#file(from)], [basename(from), undefined]);
	}

	unlinkSync(path: string): void {
		this.#call("unlink");
		this.#file(path);
		this.#folder(dirname(path)).change([basename(path), undefined]);
	}

	readonly promises = {
		open: async (path: string, flags: "w" | "a" | "r" | typeof SYNCED): Promise<DiskFile> => {
			this.#call("open");
			if (flags === SYNCED) return this.#handle(this.#file(path), true);
			const node = flags === "r" ? this.#find(path) : this.#open(path, flags === "w");
			if (!node) throw failed("ENOENT", path);
			return this.#handle(node);
		},
		rename: async (from: string, to: string) => this.renameSync(from, to),
		rm: async (path: string) => {
			if (this.#find(path)) this.unlinkSync(path);
		},
	};

	#handle(node: FileNode | Folder, isSynced = false): DiskFile {
		const file = node as FileNode;
		return {
			write: async (bytes, at) => {
				// It may be in the midst of it that the power goes, or that it fails.
				const written = Buffer.from(bytes).toString("latin1");
				file.text = file.text.slice(0, at).padEnd(at, "\0") + written + file.text.slice(at + written.length);
				this.#call("write");
				if (isSynced) file.synced = { text: file.text, modified: file.synced?.modified ?? new Date(0) };
			},
			truncate: async (bytes) => {
				this.#call("truncate");
				file.text = file.text.slice(0, bytes);
			},
			utimes: async (_, modified) => {
				this.#call("utimes");
				file.modified = modified;
			},
			sync: async () => {
				this.#call(node instanceof Folder ? "sync of a directory" : "sync");
				if (node instanceof Folder) node.sync();
				else node.synced = { text: node.text, modified: node.modified };
			},
			close: () => {},
		};
	}

	#call(name: string): void {
		if (this.#calls >= this.cutAfter) throw new PowerCut("the power is gone");
		this.#calls++;
		const at = this.failing.indexOf(name);
		if (at < 0) return;
		this.failing.splice(at, 1);
		throw failed("EIO", name);
	}

	#open(path: string, empty: boolean): FileNode {
		const there = this.#find(path);
		const file = there instanceof FileNode ? there : new FileNode();
		if (!there) this.#folder(dirname(path)).change([basename(path), file]);
		if (empty) file.text = "";
		file.modified = new Date();
		return file;
	}

	#find(path: string): FileNode | Folder | undefined {
		let node: FileNode | Folder | undefined = this.#root;
		for (const each of pathsTo(path)) node = node instanceof Folder ? node.names.get(basename(each)) : undefined;
		return node;
	}

	#file(path: string): FileNode {
		const node = this.#find(path);
		if (!(node instanceof FileNode)) throw failed("ENOENT", path);
		return node;
	}

	#folder(path: string): Folder {
		const node = this.#find(path);
		if (!(node instanceof Folder)) throw failed("ENOENT", path);
		return node;
	}
}

/** `/a` and `/a/b` for `/a/b`. */
function pathsTo(path: string): readonly string[] {
	return path === "/" ? [] : [...pathsTo(dirname(path)), path];
}

function set(
	names: Map<string, FileNode | Folder>,
	changed: Iterable<readonly [string, FileNode | Folder | undefined]>,
): void {
	for (const [name, node] of changed) {
		if (node) names.set(name, node);
		else names.delete(name);
	}
}

function leave(from: Folder, to: Folder, choose: Choose): void {
	const names = new Map(from.durable);
	for (const change of from.changes) if (choose(2) === 1) set(names, change);
	for (const [name, node] of names) {
		const left = node instanceof Folder ? new Folder() : fileLeft(node, choose);
		if (node instanceof Folder) leave(node, left as Folder, choose);
		to.names.set(name, left);
	}
	to.sync();
}

function fileLeft({ text, modified, synced }: FileNode, choose: Choose): FileNode {
	const left = new FileNode();
	const before = synced ?? { text: "", modified: new Date(0) };
	const isSynced = synced?.text === text;
	left.text = isSynced ? text : textLeft(before.text, text, choose);
	left.modified = choose(2) === 1 ? modified : before.modified;
	left.synced = { text: left.text, modified: left.modified };
	return left;
}

/** What was synced stays, unless it is overwritten; of the rest some is there, and zeros may be where some is not. */
function textLeft(synced: string, text: string, choose: Choose): string {
	const stays = text.startsWith(synced) ? synced : "";
	const rest = text.slice(stays.length);
	const part = choose(rest.length + 1);
	const zeros = "\0".repeat(rest.length);
	const rests = ["", rest, rest.slice(0, part), zeros, rest.slice(0, part) + zeros.slice(part)];
	const left = [...rests, zeros.slice(0, part) + rest.slice(part)].map((each) => stays + each);
	return [...left, synced][choose(left.length + 1)] as string;
}

function failed(code: string, what: string): Error {
	return Object.assign(new Error(`${code}: ${what}`), { code });
}
