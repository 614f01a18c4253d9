import { rename, rm, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../../lab/wait-until.js";
import { addressOf } from "../../../src/model/endpoint.js";
import { HostsFile } from "../../../src/providers/dns/hosts-file.js";
import { tempFolder } from "../../util/temp-folder.js";
import { useDnsLab } from "./dns-lab.js";
import { type Watched, watching } from "./told.js";

const lab = useDnsLab();
let folder: Awaited<ReturnType<typeof tempFolder>>;
let hosts: string;

beforeEach(async () => {
	folder = await tempFolder();
	hosts = folder.file("hosts");
	await write("10.5.0.1 Printer.LAN printer # upstairs", "10.5.0.2\tprinter.lan.", "fd00::5 six.lan printer.lan");
});

afterEach(() => folder[Symbol.asyncDispose]());

/** As a whole, as editors and container engines do. */
async function write(...lines: readonly string[]): Promise<void> {
	await writeFile(`${hosts}.new`, `${lines.join("\n")}\n`);
	await rename(`${hosts}.new`, hosts);
}

async function found(text: string, options: Readonly<Record<string, unknown>> = {}): Promise<string[]> {
	return (await lab.discover(text, { hosts, ...options })).map(addressOf);
}

async function toldLast({ told }: Watched, expected: string): Promise<void> {
	await waitUntil(
		`it is told ${expected}`,
		() => told.last === expected || Promise.reject(new Error(told.all.join("\n"))),
	);
}

describe("a name of the hosts file", () => {
	it("has the addresses that the file gives, whatever its letters, and no server is asked", async () => {
		lab.dns.set("printer.lan", "A", "60 10.9.9.9");
		expect(await found("dns:///PRINTER.lan:631")).toEqual(["10.5.0.1:631", "10.5.0.2:631"]);
		expect(await found("dns:///printer.lan.:631", { addressFamily: "prefer-ipv6" })).toEqual(["[fd00::5]:631"]);
		expect(await found("dns:///printer:631", { addressFamily: "both" })).toEqual(["10.5.0.1:631"]);
		expect(await found("dns:///six.lan:631")).toEqual(["[fd00::5]:631"]);
		expect(lab.dns.count()).toBe(0);
	});

	it("is asked of a server that the target names, and of all where the file is off", async () => {
		lab.dns.set("printer.lan", "A", "60 10.9.9.9");
		expect(await found(`dns://${lab.dns.address}/printer.lan:631`)).toEqual(["10.9.9.9:631"]);
		expect(await found("dns:///printer.lan:631", { hosts: "off" })).toEqual(["10.9.9.9:631"]);
	});

	it("may be the host of an SRV record", async () => {
		lab.dns.set("_grpc._tcp.web.test", "SRV", "60 1 1 81 printer", "60 1 1 82 web.test");
		expect((await found("dns:///web.test")).sort()).toEqual(["10.0.0.1:82", "10.0.0.2:82", "10.5.0.1:81"]);
		expect(lab.dns.queries.every(({ name }) => name.endsWith("web.test"))).toBe(true);
	});

	it("is followed: changed, taken from the file, given again", async () => {
		lab.dns.set("printer.lan", "A", "60 10.9.9.9");
		using watched = watching(lab.provider({ hosts }), "dns:///printer.lan:80");
		await toldLast(watched, "10.5.0.1:80 10.5.0.2:80");
		await write("10.5.0.3 printer.lan");
		await toldLast(watched, "10.5.0.3:80");
		await write("# nobody");
		await toldLast(watched, "10.9.9.9:80");
		await write("10.5.0.4 printer.lan");
		await toldLast(watched, "10.5.0.4:80");
	});

	it("stays while the file is away; a file that was never there is none", async () => {
		using watched = watching(lab.provider({ hosts }), "dns:///printer:80");
		await toldLast(watched, "10.5.0.1:80");
		await rm(hosts);
		const other = lab.provider({ hosts });
		using second = watching(other, "dns:///web.test:80");
		await toldLast(second, "10.0.0.1:80 10.0.0.2:80");
		await write("10.5.0.6 printer");
		await toldLast(watched, "10.5.0.6:80");
		expect([...new Set(watched.told.all)]).toEqual(["10.5.0.1:80", "10.5.0.6:80"]);
	});
});

it("a hosts file that cannot be read is a note, and the servers are asked", async () => {
	using watched = watching(lab.provider({ hosts: folder.path }), "dns:///web.test:80");
	await toldLast(watched, "10.0.0.1:80 10.0.0.2:80");
	expect(watched.told.details?.notes).toEqual([`${folder.path} is not a file; the names in it are not known`]);
});

describe("a hosts file", () => {
	async function read(...lines: readonly string[]): Promise<HostsFile & Disposable> {
		await write(...lines);
		const file = new HostsFile(hosts);
		const end = file.follow(() => {});
		await waitUntil("it is read", () => file.settled);
		return Object.assign(file, { [Symbol.dispose]: end });
	}

	it("has lines that are none: they are skipped", async () => {
		using file = await read(
			"",
			"\t",
			"10.0.0.1",
			"nobody.lan 10.0.0.1",
			"10.0.0.256 a.lan",
			"fe80::1%eth0 a.lan",
			"10.0.0.2 not/a/name a.lan",
			"0:0::2 a.lan A.LAN",
			"::2 a.lan#x",
			"10.0.0.3 b.lan \r",
			"\u0000",
		);
		expect(file.addresses("a.lan")).toEqual({ A: ["10.0.0.2"], AAAA: ["::2"] });
		expect(file.addresses("b.lan")).toEqual({ A: ["10.0.0.3"], AAAA: [] });
		expect(file.addresses("nobody.lan")).toBeUndefined();
	});

	it("says nothing of localhost", async () => {
		using file = await read("10.0.0.1 localhost evil.localhost fine.lan");
		expect(file.addresses("localhost")).toBeUndefined();
		expect(file.addresses("evil.localhost")).toBeUndefined();
		expect(file.addresses("fine.lan")).toBeDefined();
	});

	it("of a hundred thousand lines is read to the end, and others get their turns meanwhile", async () => {
		let turns = 0;
		const count = () => {
			turns++;
			if (!done) setImmediate(count);
		};
		let done = false;
		await write(...Array.from({ length: 100_000 }, (_, i) => `0.0.0.0 ads-${i}.example`), "10.0.0.9 last.lan");
		const file = new HostsFile(hosts);
		const end = file.follow(() => {});
		count();
		await waitUntil("it is read", () => file.settled);
		done = true;
		end();
		expect(file.addresses("last.lan")).toEqual({ A: ["10.0.0.9"], AAAA: [] });
		// Fifty slices of 2,000 lines.
		expect(turns).toBeGreaterThan(49);
	});
});
