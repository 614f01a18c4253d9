import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { type ClientProgram, JS_CLIENT, type Language } from "../../../lab/grpc-clients.js";
import { GrpcLab, grpcService } from "../../../lab/grpc-lab.js";
import type { CallsResult } from "../../../lab/grpc-xds-client.js";
import { testBalancing } from "./balancing.js";
import { testLifecycle } from "./lifecycle.js";
import { testPolicies } from "./policies.js";
import { testRejection } from "./rejection.js";

const USER_AGENTS: Readonly<Record<Language, string>> = {
	js: "gRPC Node Pure JS",
	go: "gRPC Go",
	python: "gRPC C-core linux Python",
	java: "gRPC Java",
};

/**
 * All scenarios for the gRPC client of the language, in one process, with one Fingerpost. Where the client cannot be
 * made they are skipped, and the name says why. A file a language, so that two run at a time.
 */
export function testClient(language: Language): void {
	const found = inject("clients")[language];
	const title = `a real gRPC client in ${language} that calls xds:///NAME`;
	if ("missing" in found) describe.skip(`${title} (skipped: ${found.missing})`, () => scenarios(language, JS_CLIENT));
	else describe(title, () => scenarios(language, found));
}

function scenarios(language: Language, program: ClientProgram): void {
	let lab: GrpcLab;
	/** A call to a name that does not exist: it may take longer than all other tests. */
	let lost: Promise<CallsResult>;

	beforeAll(async () => {
		lab = await GrpcLab.start({
			program,
			config: ({ a, b, c }) => ({
				removalGrace: "5s",
				services: {
					web: grpcService(a.address),
					sick: grpcService(
						{ address: a.address, health: "unhealthy" },
						{ address: b.address, health: "draining" },
						{ address: c.address, health: "timeout" },
					),
					empty: grpcService(),
				},
			}),
		});
		lost = lab.client.calls("nobody", 1, 1, language === "js" ? 17_000 : 60_000);
		lost.catch(() => {});
	});
	afterAll(() => lab?.[Symbol.asyncDispose]());
	afterEach(async () => expect(await lab.fingerpost.nacks()).toEqual([]));

	it("reaches the back end, and is shown with its language", async () => {
		expect(await lab.client.calls("web", 20)).toMatchObject({ ok: 20, failed: 0, byBackend: { a: 20 } });
		const [shown] = await lab.fingerpost.clients();
		expect(shown).toMatchObject({ node: "lab-grpc", family: "grpc" });
		expect(shown?.userAgent).toContain(USER_AGENTS[language]);
	});

	testBalancing(language, () => lab);
	testPolicies(language, () => lab);
	testLifecycle(language, () => lab);
	testRejection(program);

	it("fails a call to a name that does not exist, and finds the service when it is created", async () => {
		const { failed, failures } = await lost;
		expect(failed).toBe(1);
		// G10: after its own 15 s a client says that there is no such name; grpc-js waits on, here until the call's deadline.
		expect(failures[0]).toMatch(language === "js" ? /DEADLINE_EXCEEDED/ : /ms: UNAVAILABLE/i);
		await lab.fingerpost.setServices({ nobody: grpcService(lab.backends.d.address) });
		await lab.client.waitForBackends("nobody", ["d"]);
	});

	it("fails no call while Fingerpost is killed and started again, and follows it afterwards", async () => {
		const { client, fingerpost, backends } = lab;
		await lab.underLoad("web", async () => {
			await fingerpost.kill("SIGKILL");
			await lab.waitForCalls("web", 100);
			await fingerpost.setServices({ web: grpcService(backends.b.address) });
			await fingerpost.startAgain();
			await client.waitForBackends("web", ["b"]);
		});
	});
}
