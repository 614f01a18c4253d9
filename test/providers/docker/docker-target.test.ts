import { expect, it } from "vitest";
import { parseTarget } from "../../../src/model/target.js";
import { dockerOptions } from "../../../src/providers/docker/docker-options.js";
import { readDockerTarget } from "../../../src/providers/docker/docker-target.js";

it.each([
	["docker:///web:8080", { project: undefined, name: "web", port: 8080 }],
	["docker:///web", { project: undefined, name: "web", port: undefined }],
	["docker:///shop/web:1", { project: "shop", name: "web", port: 1 }],
	["docker:///shop_web.1-a:65535", { project: undefined, name: "shop_web.1-a", port: 65_535 }],
])("%s is understood", (text, expected) => {
	expect(readDockerTarget(parseTarget(text))).toEqual({ text, ...expected });
});

it.each([
	["docker://web:8080", /^expected docker:\/\/\/NAME:PORT or .*three slashes/],
	["docker:///", /^expected the name of a container or service/],
	["docker:///a/b/c:80", /^expected the name/],
	["docker:///web:", /^the port must be 1 to 65535, not ""/],
	["docker:///web:0", /^the port must be 1 to 65535, not "0"/],
	["docker:///web:http", /^the port must be/],
	["docker:///*:8080", /^"\*" is no name of a container/],
	["docker:///web:80?network=a", /^a target of containers has no options/],
])("%s is refused with the reason", (text, reason) => {
	expect(readDockerTarget(parseTarget(text))).toMatch(reason);
});

it.each([
	[{}, undefined],
	[{ socket: "unix:///run/podman.sock", network: "mesh" }, undefined],
	[{ socket: "tcp://10.0.0.1" }, undefined],
	[{ socket: "unix://run/docker.sock" }, "a socket's path is absolute: unix:///var/run/docker.sock, not"],
	[{ socket: "ssh://there" }, "ssh:// is not supported"],
	[{ socket: "/var/run/docker.sock" }, "expected unix:///var/run/docker.sock or tcp://host:2375, not"],
	[{ socket: "tcp://host:0" }, "expected unix:///var/run/docker.sock or"],
	[{ network: "" }, "expected the name of a network, not an empty text"],
	[{ net: "a" }, "unknown key"],
])("the settings %j", (given, problem) => {
	const { error } = dockerOptions.safeParse(given);
	if (problem === undefined) expect(error).toBeUndefined();
	else expect(error?.issues[0]?.message).toContain(problem);
});
