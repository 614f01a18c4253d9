import { pino } from "pino";
import { ControlPlane } from "../../src/app/control-plane.js";
import type { ConfigInput } from "../../src/config/schema.js";

const LISTEN = "127.0.0.1:0";
export const SERVICES = { "shop/web": "127.0.0.1:81", "shop/cart": "127.0.0.1:82", bank: "127.0.0.1:83" };

export type Xds = NonNullable<ConfigInput["xds"]>;

export interface Line {
	readonly msg: string;
	readonly error?: string;
	readonly identity?: string;
	readonly name?: string;
}

/** A control plane in which rules say who sees what. */
export class AccessLab implements AsyncDisposable {
	readonly lines: Line[] = [];
	readonly #xds: Xds;
	readonly #controlPlane: ControlPlane;
	port = 0;
	rest = 0;
	also = 0;
	admin = 0;

	private constructor(xds: Xds) {
		this.#xds = { listen: LISTEN, rest: { listen: LISTEN }, ...xds };
		const write = (line: string) => void this.lines.push(JSON.parse(line) as Line);
		this.#controlPlane = new ControlPlane(this.#config(this.#xds), { log: pino({ level: "info" }, { write }) });
	}

	static async start(xds: Xds): Promise<AccessLab> {
		const lab = new AccessLab(xds);
		const { xds: main, rest, also, admin } = await lab.#controlPlane.start();
		[lab.port, lab.rest, lab.also, lab.admin] = [main.port, rest?.port ?? 0, also?.[0]?.port ?? 0, admin.port];
		return lab;
	}

	/** Other rules count from now on. */
	rules(change: Pick<Xds, "access" | "denied" | "debug">): void {
		this.#controlPlane.reload(this.#config({ ...this.#xds, ...change }));
	}

	#config(xds: Xds): ConfigInput {
		return { xds, admin: { listen: LISTEN }, removalGrace: "1h", services: SERVICES };
	}

	has(msg: string, error?: string): boolean {
		return this.lines.some((line) => line.msg === msg && (error === undefined || line.error === error));
	}

	async poll(names: readonly string[], authorization?: string): Promise<{ status: number; text: string }> {
		const headers = { "content-type": "application/json", ...(authorization && { authorization }) };
		const body = JSON.stringify({ resource_names: names });
		const url = `http://127.0.0.1:${this.rest}/v3/discovery:endpoints`;
		const answer = await fetch(url, { method: "POST", headers, body });
		return { status: answer.status, text: await answer.text() };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#controlPlane.stop();
	}
}
