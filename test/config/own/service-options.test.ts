import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/config/load.js";
import { OwnServices } from "../../../src/config/own/own-service.js";
import { fillOptions, readOptions, type ServiceOptions } from "../../../src/config/own/service-options.js";
import { SettingsFiller, type WrittenSettings } from "../../../src/config/policies/settings-filler.js";
import { settingsShape } from "../../../src/config/service-schema.js";
import type { InvalidConfig } from "../../../src/input/invalid-config.js";

/** One of each, none of them what counts without it. */
const SETTINGS = {
	protocol: "grpc",
	connectTimeout: "1.5s",
	tls: { sni: "web.internal", ca: "/etc/ca.pem" },
	zones: { minEndpoints: 3 },
	subset: { size: 20 },
	guard: { maxRemovalPercent: 50, holdFor: "10s" },
	// biome-ignore lint/suspicious/noThenProperty: it is the key of the config, and no function.
	onFailure: { keep: "10m", then: "degrade" },
} as const satisfies ServiceOptions;

function settingsOf(options: ServiceOptions, defaults?: WrittenSettings, subject = "") {
	return fillOptions(readOptions(options, subject), subject, new SettingsFiller(defaults));
}

/** What is wrong with options, a line each. */
function problems(options: unknown, defaults?: WrittenSettings): readonly string[] {
	try {
		settingsOf(options as ServiceOptions, defaults, 'service "web"');
		return [];
	} catch (error) {
		expect(error).toMatchObject({ name: "InvalidConfig", code: "INVALID_CONFIG" });
		return (error as InvalidConfig).message.split("\n");
	}
}

describe("the options of a service that a program is the source of", () => {
	it("are the settings of a service in a config, and mean the same", () => {
		const written = { services: { web: { endpoints: [], ...SETTINGS } } };
		const { name, targets, endpoints, ...settings } = readConfig(written).services.get("web") as object as Record<
			string,
			unknown
		>;
		expect(settingsOf(SETTINGS)).toEqual(settings);
		expect(settingsOf({})).toEqual({ protocol: "http1", connectTimeout: 5_000 });
	});

	it("may be any setting that a config has", () => {
		expect(problems({ ...SETTINGS, x: 1 })).toEqual([
			`service "web" x: unknown option "x"; options: ${Object.keys(settingsShape())
				.filter((key) => key !== "connectTimeout")
				.join(", ")}, connectTimeout`,
		]);
		expect(problems(SETTINGS)).toEqual([]);
	});

	it("take a time to connect in milliseconds, too, and what is undefined for not given", () => {
		expect(settingsOf({ connectTimeout: 1_500, zones: undefined })).toMatchObject({ connectTimeout: 1_500 });
		expect(settingsOf({ connectTimeout: undefined })).toMatchObject({ connectTimeout: 5_000 });
		expect(settingsOf({ zones: "off" })).toMatchObject({ zones: { mode: "off", minEndpoints: 2 } });
	});

	it("are told with every problem at once, where it is and of what service", () => {
		expect(problems({ zones: { minEndpoints: 0 }, subset: { size: 1 }, protcol: "grpc" })).toEqual([
			'service "web" subset.size: a client has at least 2 endpoints, not 1',
			'service "web" zones.minEndpoints: a zone has at least 1 endpoint, not 0',
			'service "web" protcol: unknown option "protcol"; did you mean "protocol"?',
		]);
	});

	it.each<[string, unknown, string]>([
		["a misspelt key of an option", { zones: { minEndpoint: 1 } }, 'unknown key "minEndpoint"; did you mean "minEnd'],
		["zones that are none", { zones: "near" }, "zones: expected local, off or keys such as {minEndpoints: 2}"],
		["a time that is none", { connectTimeout: "soon" }, 'connectTimeout: expected a duration such as 5s, not "soon"'],
		["TLS without a name", { tls: {} }, "tls: tls needs a name that the endpoints' certificates must have"],
		[
			"a check by gRPC over HTTP/1",
			{ healthChecks: [{ grpc: {} }] },
			"healthChecks[0].grpc: needs protocol: grpc or http2",
		],
		[
			"subsets with weights by load",
			{ subsets: [["a"]], loadBalancing: { policy: "client_side_weighted_round_robin" } },
			"subsets: cannot be had with loadBalancing.policy",
		],
		["targets", { targets: ["web.internal:80"] }, 'unknown option "targets"'],
		["what is no object", null, "expected keys with values, not an empty value"],
	])("may not be %s", (_, options, message) => {
		expect(problems(options)).toEqual([expect.stringContaining(message)]);
	});

	it("are read once, as long as they say the same", () => {
		const own = new OwnServices();
		const zones = { minEndpoints: 3 };
		const read = () => own.read("web", ["10.0.0.1:80"], { zones }).zones;
		const first = read();
		expect(own.read("web", ["10.0.0.1:80"], { zones: { minEndpoints: 3 } }).zones).toBe(first);
		zones.minEndpoints = 4;
		expect(read()).toEqual({ mode: "local", minEndpoints: 4 });
		zones.minEndpoints = 0;
		expect(read).toThrow("at least 1 endpoint");
		zones.minEndpoints = 4;
		expect(read()).toEqual({ mode: "local", minEndpoints: 4 });
		expect(own.read("web", ["10.0.0.1:80"], {}).zones).toBeUndefined();
	});

	it("win over the defaults, key by key, and what is of both is checked", () => {
		const defaults = { protocol: "grpc", connectTimeout: 1_000, timeout: 5_000 } as const;
		expect(settingsOf({ timeout: "9s" }, defaults)).toEqual({
			protocol: "grpc",
			connectTimeout: 1_000,
			policies: { timeout: 9_000 },
		});
		expect(
			problems({ subsets: [["version"]] }, { loadBalancing: { policy: "client_side_weighted_round_robin" } }),
		).toEqual([expect.stringMatching(/^service "web" subsets: cannot be had with loadBalancing\.policy/)]);
		expect(problems({}, { tls: { ca: "system" } })).toEqual([
			expect.stringMatching(/^service "web" tls: tls needs a name/),
		]);
	});
});
