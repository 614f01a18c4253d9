import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { dnsKind } from "../../../src/providers/dns/dns-kind.js";

function problems(options: unknown): string[] {
	const { error } = dnsKind.options.safeParse(options);
	return error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
}

describe("the options", () => {
	it("have defaults, all of them", () => {
		expect(dnsKind.options.parse({})).toEqual({
			hosts: "/etc/hosts",
			addressFamily: "prefer-ipv4",
			minInterval: 30_000,
			maxInterval: 300_000,
			timeout: 10_000,
			emptyAnswers: 3,
			emptyAfter: 60_000,
		});
	});

	it("are read", () => {
		expect(
			dnsKind.options.parse({
				servers: ["127.0.0.1:5353", "[::1]:53"],
				hosts: "off",
				addressFamily: "both",
				minInterval: "1s",
				maxInterval: "1s",
				timeout: "500ms",
				emptyAnswers: 1,
				emptyAfter: "0s",
			}),
		).toEqual({
			servers: [
				{ host: "127.0.0.1", port: 5353 },
				{ host: "::1", port: 53 },
			],
			hosts: "off",
			addressFamily: "both",
			minInterval: 1_000,
			maxInterval: 1_000,
			timeout: 500,
			emptyAnswers: 1,
			emptyAfter: 0,
		});
	});

	it.each([
		[
			{ hosts: "etc/hosts" },
			/^hosts: expected a hosts file's absolute path such as \/etc\/hosts, or off, not "etc\/hosts"$/,
		],
		[
			{ hosts: false },
			/^hosts: expected a hosts file's absolute path such as \/etc\/hosts, or off, not the boolean false$/,
		],
		[{ minInterval: "999ms" }, /^minInterval: expected a duration such as 30s, at least 1s, not "999ms"$/],
		[{ minInterval: "10m" }, /^minInterval: minInterval \(10m\) must not be above maxInterval \(5m\)$/],
		[{ maxInterval: "10s" }, /^minInterval: minInterval \(30s\) must not be above maxInterval \(10s\)$/],
		[{ timeout: "1ms" }, /^timeout: .*at least 100ms/],
		[{ servers: [] }, /^servers: expected at least one server; without servers the system's are asked$/],
		[{ servers: ["ns.internal"] }, /^servers\.0: expected a server's IP address.*not "ns.internal"$/],
		[{ servers: "10.0.0.2" }, /^servers: expected a list of servers, not "10.0.0.2"$/],
		[{ addressFamily: "prefer-ipv5" }, /^addressFamily: expected one of .*prefer-ipv4/],
		[{ emptyAnswers: 0 }, /^emptyAnswers: expected at least 1$/],
		[{ emptyAnswers: 1.5 }, /^emptyAnswers: expected a whole number/],
		[{ server: ["10.0.0.2"] }, /^: unknown key "server".*servers/],
	])("%j is refused with the reason", (options, message) => {
		expect(problems(options)).toEqual([expect.stringMatching(message)]);
	});
});

describe("the page of the provider", () => {
	it("has every option with its default, and no others", async () => {
		const page = await readFile(join(import.meta.dirname, "../../../docs/providers/dns.md"), "utf8");
		const rows = [...page.matchAll(/^\| `(\w+)` +\| (?:`([^`]*)`|[^|]*) +\|/gm)].map(([, key, value]) => [key, value]);
		const { properties = {} } = z.toJSONSchema(dnsKind.options, { io: "input" });
		const expected = Object.entries(properties).map(([key, schema]) => {
			const { default: value, description } = schema as { default?: unknown; description?: string };
			expect(description).toBeTruthy();
			return [key, value === undefined ? undefined : String(value)];
		});
		expect(rows).toEqual(expected);
	});
});
