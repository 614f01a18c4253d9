// Answers as Nomad's HTTP API does, with a service, and follows the service while it changes:
//   node examples/nomad/run.mjs
// With a Nomad of your own, `nomad job run web.nomad.hcl` registers such a service, and no stand-in is needed:
//   npx fingerpost watch --config examples/nomad/fingerpost.yaml nomad:///web
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What Nomad has, the index of the last change, and who waits for the next one. */
let registrations = [];
let index = 10;
const waiting = new Set();

const nomad = createServer((request, response) => {
	const { pathname, searchParams } = new URL(request.url, "http://localhost");
	const answer = () => {
		clearTimeout(timer);
		waiting.delete(answer);
		const body = pathname === "/v1/service/web" ? registrations : [];
		response.writeHead(200, {
			"content-type": "application/json",
			"x-nomad-index": index,
			"x-nomad-knownleader": "true",
		});
		response.end(JSON.stringify(body));
	};
	const wait = Number(searchParams.get("index") ?? 0) < index ? 0 : Number.parseFloat(searchParams.get("wait")) * 1_000;
	const timer = setTimeout(answer, wait);
	if (wait > 0) waiting.add(answer);
});
await new Promise((resolve) => nomad.listen(0, "127.0.0.1", resolve));
const NOMAD_ADDR = `http://127.0.0.1:${nomad.address().port}`;

change([registration(8081, ["v1"])]);
const watch = spawn(
	process.execPath,
	[path("../../dist/main.js"), "watch", "--config", path("fingerpost.yaml"), "nomad:///web"],
	{ stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NOMAD_ADDR } },
);
watch.on("exit", () => end("fingerpost has ended"));
let told = 0;
watch.stdout.setEncoding("utf8").on("data", (text) => {
	told++;
	process.stdout.write(text);
});
const tags = ["v2", "fingerpost.weight=50", "fingerpost.metadata.version=2"];
await step("an allocation that was there", () => {});
await step("a second one, with half the weight", () => change([registration(8081, ["v1"]), registration(8082, tags)]));
await step("the first one stops", () => change([registration(8082, tags)]));
end();

/** Changes something, and waits until Fingerpost has told of it. */
async function step(what, make) {
	const before = what === "an allocation that was there" ? 0 : told;
	console.log(`# ${what}`);
	make();
	for (let left = 600; told <= before; left--) {
		if (left === 0) end("waited 30 s in vain until Fingerpost tells of it");
		await sleep(50);
	}
}

function change(list) {
	registrations = list;
	index++;
	for (const answer of [...waiting]) answer();
}

/** As Nomad's documentation shows one. */
function registration(Port, Tags) {
	const AllocID = "5f0730ca-b055-52ac-f56e-358f3f7412f6";
	return {
		...{ ServiceName: "web", Namespace: "default", Datacenter: "dc1", JobID: "web", AllocID },
		...{ ID: `_nomad-task-${AllocID}-group-web-web-${Port}`, NodeID: "7406e90b-de16-d118-80fe-60d0f2730cb3" },
		...{ Address: "127.0.0.1", Port, Tags, CreateIndex: index, ModifyIndex: index },
	};
}

function end(problem) {
	if (problem) console.error(problem);
	watch?.removeAllListeners("exit").kill();
	process.exit(problem ? 1 : 0);
}
