import { expect, it } from "vitest";
import { AdscClient } from "../../lab/adsc-client.js";
import { describeProgram } from "../../lab/describe-program.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { goProgram } from "../../lab/go-program.js";

const WEB = ["127.0.0.1:1 HEALTHY 100"];

// It asks for all clusters, and then for the endpoints of those that have come. See lab/clients/README.md.
describeProgram("Istio's adsc", await goProgram("adsc"), (path) => {
	it.each(["sotw", "delta"] as const)(
		"(%s) has what there is, with health and weight, and follows it",
		async (mode) => {
			await using fingerpost = await Fingerpost.start({
				removalGrace: "0s",
				services: { web: { endpoints: [{ address: "127.0.0.1:1", health: "healthy" }] }, empty: { endpoints: [] } },
			});
			await using client = new AdscClient(path, fingerpost.xdsPort, mode);
			await client.has({ empty: [], web: WEB });
			await fingerpost.setServices({
				more: {
					endpoints: [
						{ address: "127.0.0.1:2", health: "healthy", weight: 3 },
						{ address: "127.0.0.1:3", health: "draining" },
					],
				},
			});
			const more = ["127.0.0.1:2 HEALTHY 3", "127.0.0.1:3 DRAINING 100"];
			await client.has({ empty: [], more, web: WEB });
			await fingerpost.setServices({ web: { endpoints: [{ address: "127.0.0.1:4", health: "unhealthy" }] } });
			const web = ["127.0.0.1:4 UNHEALTHY 100"];
			await client.has({ empty: [], more, web });
			await fingerpost.setServices({ more: undefined });
			await client.has({ empty: [], web });
			await fingerpost.setServices({ more: { endpoints: ["127.0.0.1:5"] } });
			await client.has({ empty: [], more: ["127.0.0.1:5 HEALTHY 100"], web });
			expect(await fingerpost.nacks()).toEqual([]);
		},
	);

	it.each(["sotw", "delta"] as const)(
		"(%s) keeps what it has while there is no Fingerpost, and comes back",
		async (mode) => {
			await using fingerpost = await Fingerpost.start({
				removalGrace: "0s",
				services: { web: { endpoints: [{ address: "127.0.0.1:1", health: "healthy" }] } },
			});
			await using client = new AdscClient(path, fingerpost.xdsPort, mode);
			await client.has({ web: WEB });
			await fingerpost.kill("SIGKILL");
			expect(client.state).toEqual({ web: WEB });
			await fingerpost.startAgain();
			await fingerpost.setServices({ more: { endpoints: ["127.0.0.1:5"] } });
			await client.has({ more: ["127.0.0.1:5 HEALTHY 100"], web: WEB });
		},
	);
});
