import { copyFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CertificateAuthority } from "../../lab/certificates.js";
import { Child } from "../../lab/child.js";
import { describeEtcd, Etcd } from "../../lab/etcd.js";
import { WatchedTarget } from "../../lab/kube-lab.js";
import { serverBinary } from "../../lab/server-binary.js";
import { waitUntil } from "../../lab/wait-until.js";
import { DEFAULT_TIMING, type EtcdTiming } from "../../src/providers/etcd/client/etcd-timing.js";
import { etcdOptions } from "../../src/providers/etcd/etcd-options.js";
import { EtcdProvider } from "../../src/providers/etcd/etcd-provider.js";
import { Registry } from "../../src/providers/registry.js";
import { ServiceNotFound } from "../../src/util/errors.js";
import { tempFolder } from "../util/temp-folder.js";

/** A registry with a new provider for `etcd`. */
function registryOf(options: Readonly<Record<string, unknown>>, timing: Partial<EtcdTiming> = {}): Registry {
	const quick = { ...DEFAULT_TIMING, backoff: [50, 500], steady: 200, ...timing } as const;
	return new Registry().register("etcd", new EtcdProvider(etcdOptions.parse(options), quick));
}

describeEtcd("the etcd provider with a real server", () => {
	let etcd: Etcd;
	let registry: Registry;

	beforeAll(async () => {
		etcd = await Etcd.start();
		registry = registryOf({ endpoints: [etcd.url] });
	});

	afterAll(async () => {
		await etcd?.[Symbol.asyncDispose]();
	});

	it("follows the keys of a prefix, and no others", async () => {
		await etcd.put("web/a", "10.0.0.1:80");
		await etcd.put("web2/a", "10.0.0.9:80");
		using web = new WatchedTarget(registry, "etcd:///web/");
		await web.is("synced: 10.0.0.1:80");
		await etcd.put("web/b", { address: "10.0.0.2:80", weight: 50, health: "draining" });
		await web.is("synced: 10.0.0.1:80, 10.0.0.2:80 draining");
		await etcd.put("web/b", { Op: 0, Addr: "10.0.0.3:80", Metadata: { version: "v2", shard: 7 } });
		await web.is("synced: 10.0.0.1:80, 10.0.0.3:80");
		const [, last] = web.watch.endpoints ?? [];
		expect(last).toMatchObject({ metadata: { version: "v2", shard: "7" }, weight: 100 });
		expect(last?.origin).toMatchObject({
			target: "etcd:///web/",
			object: "web/b",
			revision: expect.stringMatching(/^\d+$/),
		});
		await etcd.delete("web/a");
		await web.is("synced: 10.0.0.3:80");
		await etcd.delete("web/b");
		await web.is("synced: ");
		expect(web.watch.notes).toEqual(['there is no key that begins with "web/"']);
	});

	it("takes keys with a slash in front as they are written", async () => {
		await etcd.put("/slash/a", "10.0.0.1:80");
		await etcd.put("slash/a", "10.0.0.2:80");
		using web = new WatchedTarget(registry, "etcd:////slash/");
		await web.is("synced: 10.0.0.1:80");
	});

	it("leaves a bad value out with a note, and serves the others", async () => {
		await etcd.put("bad/a", "10.0.0.1:80");
		await etcd.put("bad/b", "nonsense");
		await etcd.put("bad/c", { address: "10.0.0.3:80", weight: -1 });
		using web = new WatchedTarget(registry, "etcd:///bad/");
		await web.is("synced: 10.0.0.1:80");
		expect(web.watch.notes).toEqual([
			expect.stringMatching(/^bad\/b is left out: .*expected an address and port.*"nonsense"/),
			expect.stringMatching(/^bad\/c is left out: .*weight/),
		]);
		await etcd.put("bad/b", "10.0.0.2:80");
		await web.is("synced: 10.0.0.1:80, 10.0.0.2:80");
	});

	it("drops what is not kept alive", async () => {
		const lease = await etcd.grant(1);
		await etcd.put("leased/a", "10.0.0.1:80", lease);
		await etcd.put("leased/b", "10.0.0.2:80");
		using web = new WatchedTarget(registry, "etcd:///leased/");
		await waitUntil("it was seen", () => web.states.includes("synced: 10.0.0.1:80, 10.0.0.2:80"));
		await web.is("synced: 10.0.0.2:80");
	});

	it("looks once, and tells nothing from a failure", async () => {
		await etcd.put("once/a", "10.0.0.1:80");
		expect(await registry.discover("etcd:///once/")).toMatchObject([{ address: "10.0.0.1" }]);
		await expect(registry.discover("etcd:///nobody/")).rejects.toThrow(ServiceNotFound);
		const dead = registryOf({ endpoints: ["http://127.0.0.1:1"] });
		await expect(dead.discover("etcd:///once/")).rejects.toMatchObject({ code: "SOURCE_FAILED" });
		const second = registryOf({ endpoints: ["http://127.0.0.1:1", etcd.url] });
		expect(await second.discover("etcd:///once/")).toHaveLength(1);
	});

	it("keeps what it knows while etcd is away, and comes back to what there is then", async () => {
		await etcd.put("away/a", "10.0.0.1:80");
		using web = new WatchedTarget(registry, "etcd:///away/");
		await web.is("synced: 10.0.0.1:80");
		await etcd.member.kill();
		await web.is("stale: 10.0.0.1:80");
		expect(web.errors.at(-1)).toContain(etcd.url);
		etcd.member.start();
		await etcd.ready();
		await web.is("synced: 10.0.0.1:80");
		await etcd.put("away/a", "10.0.0.2:80");
		await web.is("synced: 10.0.0.2:80");
		expect(web.wasEmpty).toBe(false);
	});

	it("is listed again where changes that it missed were compacted", async () => {
		await etcd.put("compacted/a", "10.0.0.1:80");
		using web = new WatchedTarget(registry, "etcd:///compacted/");
		await web.is("synced: 10.0.0.1:80");
		await etcd.put("compacted/b", "10.0.0.2:80");
		await etcd.compact();
		await web.is("synced: 10.0.0.1:80, 10.0.0.2:80");
		await etcd.member.kill();
		etcd.member.start();
		await etcd.ready();
		await etcd.delete("compacted/a");
		await etcd.compact();
		await web.is("synced: 10.0.0.2:80");
	});

	it("notices within a time-out that etcd does not answer any more", async () => {
		await etcd.put("stopped/a", "10.0.0.1:80");
		const strict = registryOf({ endpoints: [etcd.url] }, { check: 200, answer: 1_000 });
		using web = new WatchedTarget(strict, "etcd:///stopped/");
		await web.is("synced: 10.0.0.1:80");
		etcd.member.pause();
		await web.is("stale: 10.0.0.1:80");
		etcd.member.continue();
		await web.is("synced: 10.0.0.1:80");
	});

	it("follows 1,000 services on one stream of watches", async () => {
		const names = Array.from({ length: 1_000 }, (_, i) => `many-${i}`);
		await Promise.all(names.map((name, i) => etcd.put(`${name}/a`, `10.1.${i >> 8}.${i & 255}:80`)));
		const before = await streams(etcd);
		const all = names.map((name) => new WatchedTarget(registry, `etcd:///${name}/`));
		try {
			await waitUntil("all are synced", () => all.every(({ watch }) => watch.status.state === "synced"));
			expect(await streams(etcd)).toBe(before + 1);
			await etcd.put("many-700/b", "10.2.0.1:80");
			await all[700]?.is("synced: 10.1.2.188:80, 10.2.0.1:80");
			expect(all.filter(({ watch }) => watch.status.changes !== 1)).toEqual([all[700]]);
		} finally {
			for (const one of all) one[Symbol.dispose]();
		}
		await waitUntil("the stream has ended", async () => (await streams(etcd)) === before);
	});
});

describeEtcd("the etcd provider with authentication", () => {
	it("asks as a user, notices that its right is revoked, and takes it up when it is granted again", async () => {
		await using etcd = await Etcd.start();
		await etcd.put("web/a", "10.0.0.1:80");
		await etcd.put("other/a", "10.0.0.9:80");
		await etcd.enableAuth("fingerpost", "secret", "web/");
		const user = { endpoints: [etcd.url], username: "fingerpost", password: "secret" };
		const registry = registryOf(user, { check: 100 });
		using web = new WatchedTarget(registry, "etcd:///web/");
		using other = new WatchedTarget(registry, "etcd:///other/");
		using nobody = new WatchedTarget(registryOf({ endpoints: [etcd.url] }), "etcd:///web/");
		using wrong = new WatchedTarget(registryOf({ ...user, password: "wrong" }), "etcd:///web/");
		await web.is("synced: 10.0.0.1:80");
		await other.is("failed: ");
		await nobody.is("failed: ");
		await wrong.is("failed: ");
		expect(other.errors[0]).toMatch(/read the keys that begin with "other\/".*permission denied.*needs the right/);
		expect(nobody.errors[0]).toMatch(/user name is empty.*set username and password/);
		expect(wrong.errors[0]).toMatch(/authenticate the user "fingerpost".*check username and password/);
		await etcd.revokeRead("web/");
		await web.is("stale: 10.0.0.1:80");
		await etcd.put("web/a", "10.0.0.2:80");
		await etcd.grantRead("web/");
		await web.is("synced: 10.0.0.2:80");
		// A restart makes every token worthless.
		await etcd.member.kill();
		etcd.member.start();
		await waitUntil("root may ask", () => etcd.login().then(() => true));
		await etcd.put("web/a", "10.0.0.3:80");
		await web.is("synced: 10.0.0.3:80");
		expect(web.wasEmpty).toBe(false);
	});
});

describeEtcd("the etcd provider with a cluster of three", () => {
	it("moves to another server without a failure, and tells one when there is no leader", async () => {
		await using etcd = await Etcd.start(3);
		await etcd.put("web/a", "10.0.0.1:80");
		const registry = registryOf({ endpoints: etcd.members.map(({ url }) => url) }, { check: 500, answer: 3_000 });
		using web = new WatchedTarget(registry, "etcd:///web/");
		await web.is("synced: 10.0.0.1:80");
		await etcd.member.kill();
		await waitUntil("another takes what is written", () =>
			etcd.call("kv/put", { key: btoa("web/a"), value: btoa("10.0.0.2:80") }, 2),
		);
		await web.is("synced: 10.0.0.2:80");
		expect(web.errors).toEqual([]);
		await etcd.members[1]?.kill();
		await web.is("stale: 10.0.0.2:80");
		etcd.member.start();
		await web.is("synced: 10.0.0.2:80");
		expect(web.wasEmpty).toBe(false);
	});
});

describeEtcd("the etcd provider by TLS", () => {
	it("shows its certificate, and takes up another authority or certificate from the files", async () => {
		await using folder = await tempFolder();
		const authority = await CertificateAuthority.make(folder.path);
		const other = await CertificateAuthority.make(folder.path, "other");
		const [server, client] = [await authority.issue("server"), await authority.issue("client")];
		await using etcd = await Etcd.start(1, {
			scheme: "https",
			flags: [
				...["--cert-file", server.cert, "--key-file", server.key],
				...["--client-cert-auth", "--trusted-ca-file", authority.ca],
			],
		});
		await etcd.put("web/a", "10.0.0.1:80");
		const [ca, cert, key] = [folder.file("mine-ca"), folder.file("mine-cert"), folder.file("mine-key")];
		await copyFile(other.ca, ca);
		await copyFile(client.cert, cert);
		await copyFile(client.key, key);
		using web = new WatchedTarget(registryOf({ endpoints: [etcd.url], ca, cert, key }), "etcd:///web/");
		using bare = new WatchedTarget(registryOf({ endpoints: [etcd.url], ca: authority.ca }), "etcd:///web/");
		await web.is("failed: ");
		expect(web.errors[0]).toMatch(
			/^cannot .* at https:.*: unable to verify the first certificate; check ca, and cert and key$/,
		);
		await bare.is("failed: ");
		await copyFile(authority.ca, ca);
		await web.is("synced: 10.0.0.1:80");
		await writeFile(key, "no key");
		await etcd.member.kill();
		await web.is("stale: 10.0.0.1:80");
		await waitUntil("the file is blamed", () => /the TLS files cannot be used/.test(web.errors.at(-1) ?? ""));
		await copyFile(client.key, key);
		etcd.member.start();
		await etcd.ready();
		await web.is("synced: 10.0.0.1:80");
		expect(web.states).not.toContain("synced: ");
	});
});

describeEtcd("the etcd provider by TLS to an IP address", () => {
	it("checks that the certificate has it, and sends no server name", async () => {
		const warnings: string[] = [];
		const note = (warning: Error & { code?: string }) => void warnings.push(warning.code ?? warning.name);
		process.on("warning", note);
		try {
			await using folder = await tempFolder();
			const authority = await CertificateAuthority.make(folder.path);
			const right = await authority.issue("right");
			const wrong = await authority.issue("wrong", "IP:127.0.0.9,DNS:localhost");
			const start = ({ cert, key }: typeof right) =>
				Etcd.start(1, { scheme: "https", flags: ["--cert-file", cert, "--key-file", key] });
			await using good = await start(right);
			await using bad = await start(wrong);
			await good.put("web/a", "10.0.0.1:80");
			using web = new WatchedTarget(registryOf({ endpoints: [good.url], ca: authority.ca }), "etcd:///web/");
			using other = new WatchedTarget(registryOf({ endpoints: [bad.url], ca: authority.ca }), "etcd:///web/");
			await web.is("synced: 10.0.0.1:80");
			await other.is("failed: ");
			expect(other.errors[0]).toMatch(/127\.0\.0\.1 is not in the cert's list/);
			expect(warnings).not.toContain("DEP0123");
		} finally {
			process.off("warning", note);
		}
	});
});

describeEtcd("examples/etcd", () => {
	it("runs by one command: programs register themselves and are found", async () => {
		await using child = new Child(process.execPath, [
			"examples/etcd/run.mjs",
			"--etcd",
			serverBinary("etcd") ?? "etcd",
		]);
		const exit = await waitUntil("it has ended", () => child.exit, { timeout: 240_000 });
		expect([exit, child.stderr]).toEqual([{ code: 0, signal: null }, []]);
		expect(child.stdout).toContain('web has 127.0.0.1:8082 {"version":"v2"}');
		expect(child.stdout).toContain("node: left");
		if (!child.stdout.some((line) => line.startsWith("Go is left out"))) {
			expect(child.stdout).toContain('web has 127.0.0.1:8081 {"version":"v1"}');
			expect(child.stdout).toContain("web has 1 endpoints after one has left");
		} else expect(serverBinary("go")).toBeUndefined();
	});
});

/** The streams of watches that etcd has. */
async function streams(etcd: Etcd): Promise<number> {
	const text = await (await fetch(`${etcd.url}/metrics`)).text();
	const count = (name: string) => {
		const lines = text.matchAll(new RegExp(`^${name}\\{.*grpc_method="Watch".*\\} (\\d+)$`, "gm"));
		return [...lines].reduce((sum, [, each]) => sum + Number(each), 0);
	};
	return count("grpc_server_started_total") - count("grpc_server_handled_total");
}
