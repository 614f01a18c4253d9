import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { kubernetesOptions } from "../../../src/providers/kubernetes/kubernetes-options.js";

describe("the settings of the Kubernetes provider", () => {
	it("have defaults", () => {
		expect(kubernetesOptions.parse({})).toEqual({
			insecure: false,
			addressFamily: "prefer-ipv4",
			notReady: "omit",
			minInterval: 10_000,
		});
	});

	it.each([
		[{ kubeconfig: "~/.kube/config", context: "prod" }],
		[{ context: "prod" }],
		[{ server: "https://10.0.0.1:6443", tokenFile: "/run/token", caFile: "~/ca.crt" }],
		[{ server: "http://127.0.0.1:8001" }],
		[{ server: "https://[::1]:6443/k8s/clusters/c-1/", token: "abc" }],
		[{ addressFamily: "both", notReady: "unhealthy", region: "eu", minInterval: "1s" }],
	])("take %j", (given) => {
		expect(kubernetesOptions.safeParse(given).success).toBe(true);
	});

	it.each([
		[{ kubeConfig: "/a" }, 'unknown key "kubeConfig"; did you mean "kubeconfig"?'],
		[{ kubeconfig: "config" }, 'expected an absolute path or one that begins with ~/, not "config"'],
		[{ context: "" }, "expected a string such as prod, not an empty one"],
		[{ server: "10.0.0.1:6443" }, 'expected a URL such as https://10.0.0.1:6443, not "10.0.0.1:6443"'],
		[{ server: "https://user:pw@host" }, "expected a URL such as"],
		[{ server: "ftp://host" }, "expected a URL such as"],
		[{ server: "https://host?x=1" }, "expected a URL such as"],
		[{ server: "https://a", kubeconfig: "/a" }, "give either server or kubeconfig, not both"],
		[{ server: "https://a", context: "a" }, "give either server or context, not both"],
		[{ token: "a" }, "token goes with server, which is not given"],
		[{ tokenFile: "/a" }, "tokenFile goes with server, which is not given"],
		[{ caFile: "/a" }, "caFile goes with server, which is not given"],
		[{ server: "https://a", token: "a", tokenFile: "/a" }, "give either token or tokenFile, not both"],
		[{ addressFamily: "prefer-ipv5" }, 'not "prefer-ipv5"; did you mean "prefer-ipv4"?'],
		[{ notReady: true }, "expected one of omit, unhealthy, not the boolean true"],
		[{ insecure: "yes" }, 'expected true or false, not "yes"'],
		[{ minInterval: "10ms" }, 'expected a duration such as 10s, at least 1s, not "10ms"'],
		[{ minInterval: 10 }, "expected a duration such as 10s, not the number 10"],
	])("refuse %j", (given, problem) => {
		const { error } = kubernetesOptions.safeParse(given);
		expect(error?.issues.map(({ message }) => message).join("\n")).toContain(problem);
	});

	it("are all in docs/providers/kubernetes.md, with their defaults, and no others", async () => {
		const page = await readFile(join(import.meta.dirname, "../../../docs/providers/kubernetes.md"), "utf8");
		const rows = [...page.matchAll(/^\| `([a-zA-Z]+)` *\| (.*?) *\| .* \|$/gm)].map(([, key, fallback]) => [
			key,
			fallback,
		]);
		const { properties } = z.toJSONSchema(kubernetesOptions, { io: "input" });
		expect(rows.map(([key]) => key)).toEqual(Object.keys(properties ?? {}));
		for (const [key = "", fallback] of rows) {
			const schema = properties?.[key] as { default?: string | boolean; description?: string };
			if (schema.default !== undefined) expect(fallback, key).toBe(`\`${schema.default}\``);
			else expect(fallback, key).not.toMatch(/^`[^`]*`$/);
			expect(schema.description, key).toBeTruthy();
		}
	});
});
