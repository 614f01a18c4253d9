import type { Logger } from "pino";
import { ControlPlane } from "../../app/control-plane.js";
import type { Config } from "../../config/config.js";
import { KnownServices } from "../../config/known-services.js";
import { loadConfig } from "../../config/load.js";
import { watchConfig } from "../../config/watch.js";
import { InvalidConfig } from "../../input/invalid-config.js";
import { formatHostPort, type HostPort } from "../../model/host-port.js";
import { Registry } from "../../providers/registry.js";
import { VERSION } from "../../util/version.js";
import { createLogger, type LogFormat, type LogLevel } from "../logger.js";

export interface ServeOptions {
	/** The config file. */
	readonly config: string;
	/** Wins over the file's `xds.listen`. */
	readonly xdsListen?: HostPort;
	/** Wins over the file's `xds.rest.listen`. */
	readonly xdsRestListen?: HostPort;
	/** Wins over the file's `admin.listen`. */
	readonly adminListen?: HostPort;
	readonly logLevel: LogLevel;
	readonly logFormat: LogFormat;
	/** Whether the ready line is followed by what to try next. */
	readonly hints?: boolean;
}

/** A stop that takes longer ends the process all the same: 4.5 s. */
const STOP_LIMIT_MS = 4_500;

/**
 * Serves until SIGTERM or SIGINT; a second signal ends at once.
 * @throws InvalidConfig, FingerpostError LISTEN_FAILED
 */
export async function serve(options: ServeOptions): Promise<void> {
	const log = createLogger(options.logLevel, options.logFormat);
	const registry = new Registry();
	// It would end the process until the config is followed; what changed by then is seen then.
	const early = () => {};
	process.on("SIGHUP", early);
	const knownServices = new KnownServices();
	const config = withListen(await loadConfig(options.config, { registry, knownServices }), options);
	const stop = new AbortController();
	const signalled = untilSignal();
	// What nobody caught is a fault of ours, but no reason to take the endpoints away from anyone.
	const unexpected = (reason: unknown) => log.error({ err: reason }, "unexpected error");
	process.on("uncaughtException", unexpected);
	process.on("unhandledRejection", unexpected);

	const controlPlane = new ControlPlane(config, { registry, log });
	try {
		const { xds, admin, rest } = await controlPlane.start();
		const { services, endpoints } = controlPlane.counts();
		const byRest = rest ? ` rest=${formatHostPort(rest)}` : "";
		const where = `xds=${formatHostPort(xds)} admin=${formatHostPort(admin)}${byRest}`;
		process.stdout.write(`fingerpost ${VERSION} ready ${where} services=${services} endpoints=${endpoints}\n`);
		if (options.hints) process.stdout.write(hints(options.config));
		followConfig(controlPlane, config, { options, registry, knownServices, log, signal: stop.signal });
		const signal = await signalled;
		log.info({ signal }, "stopping");
	} finally {
		stop.abort();
		const limit = setTimeout(() => process.exit(0), STOP_LIMIT_MS).unref();
		await controlPlane.stop();
		clearTimeout(limit);
		process.off("uncaughtException", unexpected);
		process.off("unhandledRejection", unexpected);
		process.off("SIGHUP", early);
	}
	log.info("stopped");
}

function withListen(config: Config, { xdsListen, xdsRestListen, adminListen }: ServeOptions): Config {
	const { xds, admin } = config;
	return {
		...config,
		xds: {
			...xds,
			listen: xdsListen ?? xds.listen,
			rest: { ...xds.rest, listen: xdsRestListen ?? xds.rest.listen },
		},
		admin: { ...admin, listen: adminListen ?? admin.listen },
	};
}

interface Following {
	readonly options: ServeOptions;
	readonly registry: Registry;
	readonly knownServices: KnownServices;
	readonly log: Logger;
	readonly signal: AbortSignal;
}

/** Takes over the config file whenever its text changes, and on SIGHUP. */
function followConfig(controlPlane: ControlPlane, known: Config, following: Following): void {
	const { options, registry, knownServices, log, signal } = following;
	const changed = (config: Config) => controlPlane.reload(withListen(config, options));
	watchConfig(
		options.config,
		{
			changed,
			failed: (error) => controlPlane.reloadFailed(error),
			blind: (error) => {
				if (error) log.warn({ error: error.message }, "no file events: the config file is looked at every 2 s");
				else log.info("file events for the config file work again");
			},
		},
		{ registry, knownServices, signal, known },
	);
	const reread = async () => {
		try {
			changed(await loadConfig(options.config, { registry, knownServices, signal }));
		} catch (error) {
			if (!signal.aborted) controlPlane.reloadFailed(error instanceof InvalidConfig ? error : new Error(String(error)));
		}
	};
	const onHangUp = () => void reread();
	process.on("SIGHUP", onHangUp);
	signal.addEventListener("abort", () => process.off("SIGHUP", onHangUp), { once: true });
}

/** Resolves with the first SIGTERM or SIGINT; the second one ends the process. */
function untilSignal(): Promise<NodeJS.Signals> {
	return new Promise((resolve) => {
		let count = 0;
		const onSignal = (signal: NodeJS.Signals) => {
			if (++count > 1) process.exit(signal === "SIGINT" ? 130 : 143);
			resolve(signal);
		};
		for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, onSignal);
	});
}

function hints(config: string): string {
	return `
Try next, in another terminal:
  npx fingerpost services                       # what there is, and whether it is fresh
  npx fingerpost bootstrap envoy > envoy.yaml   # an Envoy that has it all: envoy -c envoy.yaml
  npx fingerpost bootstrap grpc > grpc.json     # a gRPC client: GRPC_XDS_BOOTSTRAP=grpc.json, xds:///NAME
  npx fingerpost status                         # what each client has ACKed or rejected

Edit ${config}: every client has the change at once. Ctrl-C ends it.
`;
}
