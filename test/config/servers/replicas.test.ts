import { describe, expect, it } from "vitest";
import { problems, read } from "../read-text.js";

const config = (replicas: string) => `replicas: ${replicas}\nservices: {}`;

describe("replicas in a config", () => {
	it("are addresses with or without TLS, and none unless given", () => {
		expect(read("services: {}").replicas).toBeUndefined();
		const written = "{admin: [a:1, 'http://b:2/', 'https://c.d:3', '[::1]:4'], tokenFile: /t, ca: /ca}";
		expect(problems(config(written))).toEqual([
			"/etc/fingerpost/f.yaml:1:20 replicas.admin[0]: the token would go to a:1 in clear: write https://a:1",
		]);
		const { replicas } = read(config("{admin: [a:1, 'http://b:2/', 'HTTPS://c.d:3', '[::1]:4'], ca: /ca}"));
		expect(replicas).toEqual({
			admin: [
				{ host: "a", port: 1, tls: false },
				{ host: "b", port: 2, tls: false },
				{ host: "c.d", port: 3, tls: true },
				{ host: "::1", port: 4, tls: false },
			],
			ca: "/ca",
		});
		expect(read(config("{admin: ['https://a:1', '127.0.0.1:2'], tokenFile: /t}")).replicas?.tokenFile).toBe("/t");
	});

	it.each([
		["{admin: []}", "replicas.admin: expected at least one address"],
		["{admin: a:1}", "replicas.admin: expected a list of addresses"],
		["{admin: [a]}", "replicas.admin[0]: expected host:port such as"],
		["{admin: ['a:0']}", "replicas.admin[0]: expected host:port such as"],
		["{admin: ['a:65536']}", "replicas.admin[0]: expected host:port such as"],
		["{admin: ['ftp://a:1']}", "replicas.admin[0]: expected host:port such as"],
		["{admin: ['https://a:1'], token: t, tokenFile: /t}", "replicas.tokenFile: give either token or tokenFile"],
		["{admin: ['https://a:1'], cert: /c}", "replicas.cert: cert goes with key"],
		["{admin: ['https://a:1'], tokenFile: t}", "replicas.tokenFile: expected an absolute path"],
		["{admin: ['https://a:1'], tokenFiel: /t}", "tokenFile"],
		[`{admin: [${Array(101).fill("a:1")}]}`, "replicas.admin: expected at most 100 addresses"],
	])("are refused as %s", (written, why) => {
		expect(problems(config(written))[0]).toContain(why);
	});
});
