import { readFile } from "node:fs/promises";
import { FakeKubeApi } from "../fake-kube-api.js";
import { grantSlices } from "../kube-access.js";
import type { KubeApi } from "../kube-api.js";
import { KubeLab } from "../kube-lab.js";
import { sliceObject } from "../slice-object.js";
import type { Fault, FaultRow, FaultySource, FaultySources } from "./fault.js";
import { HttpGate } from "./http-gate.js";

/** A real API server takes no loopback addresses: it has those of another network, and the relay gives them back. */
const [STORED, SERVED] = ["10.77.0.", "127.0.0."];

/**
 * A real API server, behind a relay for each source; the credentials that are revoked are the right to read a namespace.
 * What comes back changed is a fake that knows lower resource versions only, as after the restoration of a backup.
 */
export const kubernetesRow: FaultRow = {
	name: "kubernetes",
	type: "kubernetes",
	programs: ["kube-apiserver", "etcd", "openssl"],
	start: async () => {
		const lab = await KubeLab.start();
		return new Namespaces(lab, await readFile(lab.api.caFile, "utf8"), await FakeKubeApi.start());
	},
};

class Namespaces implements FaultySources {
	readonly #lab: KubeLab;
	readonly #ca: string;
	readonly #restored: FakeKubeApi;

	constructor(lab: KubeLab, ca: string, restored: FakeKubeApi) {
		this.#lab = lab;
		this.#ca = ca;
		this.#restored = restored;
		restored.rewind(1);
	}

	async source(name: string, fault: Fault): Promise<FaultySource> {
		await this.#lab.createNamespace(name);
		const gate = await HttpGate.start({
			to: { port: this.#lab.api.port, ca: this.#ca },
			rewrite: (line) => line.replaceAll(STORED, SERVED),
		});
		return new SliceSource(name, fault, { gate, lab: this.#lab, restored: this.#restored });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#lab[Symbol.asyncDispose]();
		await this.#restored[Symbol.asyncDispose]();
	}
}

interface Parts {
	readonly gate: HttpGate;
	readonly lab: KubeLab;
	readonly restored: FakeKubeApi;
}

class SliceSource implements FaultySource {
	readonly #namespace: string;
	readonly #fault: Fault;
	readonly #parts: Parts;
	#api: KubeApi | FakeKubeApi;

	constructor(namespace: string, fault: Fault, parts: Parts) {
		this.#namespace = namespace;
		this.#fault = fault;
		this.#parts = parts;
		this.#api = parts.lab.api;
	}

	get settings() {
		return { server: this.#parts.gate.url, token: this.#parts.lab.token, insecure: true };
	}

	get target(): string {
		return `///${this.#namespace}/web:http`;
	}

	get asked(): number {
		return this.#parts.gate.asked;
	}

	async set(addresses: readonly string[]): Promise<void> {
		const port = addresses[0]?.split(":")[1] ?? "80";
		const endpoints = addresses.map((each) => `${each.split(":")[0]?.replace(SERVED, STORED)} ready`);
		await this.#api.put(sliceObject("web", { namespace: this.#namespace, ports: [`http:${port}`], endpoints }));
	}

	async begin(): Promise<void> {
		const { gate, lab, restored } = this.#parts;
		switch (this.#fault) {
			case "empty":
				return this.set([]);
			case "errors":
				return gate.fail(500);
			case "credentials revoked":
				for (const kind of ["rolebindings", "roles"]) {
					await lab.api.call("DELETE", `/apis/rbac.authorization.k8s.io/v1/namespaces/${this.#namespace}/${kind}`);
				}
				return gate.breakAll();
			case "comes back changed":
				this.#api = restored;
				gate.lead({ port: Number(new URL(restored.url).port) });
				return gate.fail("refused");
			case "away at start":
				return gate.fail("refused");
			default:
				return gate.fail(this.#fault);
		}
	}

	async end(): Promise<void> {
		const { gate, lab } = this.#parts;
		if (this.#fault === "credentials revoked") await grantSlices(lab.api, this.#namespace);
		await gate.pass();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#parts.gate[Symbol.asyncDispose]();
	}
}
