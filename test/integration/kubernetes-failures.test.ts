import { rename, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Gate } from "../../lab/gate.js";
import { fingerpostToken, voidToken } from "../../lab/kube-access.js";
import { describeKubeApi } from "../../lab/kube-api.js";
import { KubeLab, WatchedTarget } from "../../lab/kube-lab.js";
import { sliceObject } from "../../lab/slice-object.js";
import { waitUntil } from "../../lab/wait-until.js";
import { tempFolder } from "../util/temp-folder.js";

describeKubeApi("the Kubernetes provider while a real API server fails", () => {
	let lab: KubeLab;

	beforeAll(async () => {
		lab = await KubeLab.start();
	});

	afterAll(async () => {
		await lab?.[Symbol.asyncDispose]();
	});

	it("keeps what it knows while the token is refused, and takes the next one from the file", async () => {
		await lab.createNamespace("tokens");
		await using folder = await tempFolder();
		const tokenFile = folder.file("token");
		const write = async (text: string) => {
			await writeFile(`${tokenFile}.new`, text);
			await rename(`${tokenFile}.new`, tokenFile);
		};
		await write(await fingerpostToken(lab.api, "first"));
		const slice = (last: string) => sliceObject("web", { namespace: "tokens", endpoints: [`10.0.0.${last}`] });
		await lab.api.put(slice("1"));
		using web = new WatchedTarget(
			lab.registry({ tokenFile, timing: { watch: [2_000, 2_000], steady: 500 } }),
			"k8s:///tokens/web",
		);
		await web.is("synced: 10.0.0.1:80");
		await voidToken(lab.api, "first");
		// The API server remembers for 10 s that a token was good.
		await web.is("stale: 10.0.0.1:80", 60_000);
		expect(web.errors.at(-1)).toMatch(/ the API server does not accept the credentials .*check the token/);
		await lab.api.put(slice("2"));
		await write(await fingerpostToken(lab.api, "second"));
		await web.is("synced: 10.0.0.2:80");
	});

	it("lists again after a compaction that it missed changes by", async () => {
		await lab.createNamespace("compacted");
		await using gate = await Gate.to(lab.api.port);
		const slice = (last: string) =>
			sliceObject("web", { name: `web-${last}`, namespace: "compacted", endpoints: [`10.0.0.${last}`] });
		for (const last of ["1", "2"]) await lab.api.put(slice(last));
		using web = new WatchedTarget(lab.registry({ port: gate.port }), "k8s:///compacted/web");
		await web.is("synced: 10.0.0.1:80, 10.0.0.2:80");
		const known = web.watch.endpoints?.[0]?.origin?.revision;
		await gate.shut();
		await web.is("stale: 10.0.0.1:80, 10.0.0.2:80");
		await lab.api.delete(slice("1"));
		await lab.api.put(slice("3"));
		await lab.api.stop();
		await lab.api.compact();
		await lab.api.resume();
		const path = "/apis/discovery.k8s.io/v1/namespaces/compacted/endpointslices";
		const query = `watch=true&timeoutSeconds=1&resourceVersion=${known}`;
		expect(await lab.api.call("GET", `${path}?${query}`)).toMatchObject({ type: "ERROR", object: { code: 410 } });
		await gate.open();
		// Up to 30 s until the next attempt, then at most one more for the list.
		await web.is("synced: 10.0.0.2:80, 10.0.0.3:80", 90_000);
		expect(web.wasEmpty).toBe(false);
		expect(web.errors.filter((text) => text.includes("answered 410"))).toEqual([]);
	});

	it("keeps what it knows while the API server is away, and comes back to it", async () => {
		await lab.createNamespace("killed");
		const slice = (last: string) => sliceObject("web", { namespace: "killed", endpoints: [`10.0.0.${last}`] });
		await lab.api.put(slice("1"));
		using web = new WatchedTarget(lab.registry(), "k8s:///killed/web");
		await web.is("synced: 10.0.0.1:80");
		await lab.api.stop();
		await web.is("stale: 10.0.0.1:80");
		await lab.api.resume();
		await web.is("synced: 10.0.0.1:80", 90_000);
		await lab.api.put(slice("2"));
		await web.is("synced: 10.0.0.2:80");
		expect(web.wasEmpty).toBe(false);
	});

	it("keeps what it knows while the API server is silent for 20 s", async () => {
		await lab.createNamespace("stopped");
		const slice = (last: string) => sliceObject("web", { namespace: "stopped", endpoints: [`10.0.0.${last}`] });
		await lab.api.put(slice("1"));
		using patient = new WatchedTarget(lab.registry(), "k8s:///stopped/web");
		using quick = new WatchedTarget(
			lab.registry({ timing: { watch: [3_000, 3_000], overtime: 2_000, head: 2_000 } }),
			"k8s:///stopped/web",
		);
		for (const each of [patient, quick]) await each.is("synced: 10.0.0.1:80");
		lab.api.pause();
		const begun = performance.now();
		try {
			await quick.is("stale: 10.0.0.1:80");
			expect(performance.now() - begun).toBeLessThan(30_000);
			await waitUntil("20 s are over", () => performance.now() - begun > 20_000);
			for (const each of [patient, quick]) expect(each.endpoints).toBe("10.0.0.1:80");
		} finally {
			lab.api.continue();
		}
		await lab.api.put(slice("2"));
		for (const each of [patient, quick]) await each.is("synced: 10.0.0.2:80", 90_000);
		for (const each of [patient, quick]) expect(each.wasEmpty).toBe(false);
	});
});
