import { resolve } from "node:path";
import type { Logger } from "pino";
import { ControlPlane } from "../../app/control-plane.js";
import type { Addresses } from "../../app/control-plane-options.js";
import { logLine } from "../../app/log/log-line.js";
import type { LogLevel } from "../../app/log/messages.js";
import type { Config } from "../../config/config.js";
import { KnownServices } from "../../config/known-services.js";
import { loadConfig } from "../../config/load.js";
import { watchConfig } from "../../config/watch.js";
import { InvalidConfig } from "../../input/invalid-config.js";
import { formatHostPort, type HostPort } from "../../model/host-port.js";
import { formatListen } from "../../model/listen/listen-address.js";
import { ListenFailed, type ListenSetting } from "../../model/listen/listen-failed.js";
import { Registry } from "../../providers/registry.js";
import { FingerpostError } from "../../util/errors.js";
import { descriptorOutput, LineSink } from "../../util/lines/line-sink.js";
import { VERSION } from "../../util/version.js";
import type { CliIo } from "../cli-io.js";
import { ADMIN } from "../command-parts.js";
import { type ExampleBackends, startExampleBackends } from "../example/example-backends.js";
import { giveBackMemory } from "../give-back-memory.js";
import { createLogger, type LogFormat } from "../logger.js";
import { type ListenOptions, withListen } from "../serve/listen-options.js";
import { ignoreStraySignals } from "../stray-signals.js";

export interface ServeOptions extends ListenOptions {
	/** The config file. */
	readonly config: string;
	readonly logLevel: LogLevel;
	readonly logFormat: LogFormat;
	/** Whether the ready line is followed by what to try next. */
	readonly hints?: boolean;
}

/** A stop that takes longer ends the process all the same: 4.5 s. */
const STOP_LIMIT_MS = 4_500;
/** How long the last lines may take, where their reader is slow: 500 ms. */
const LAST_LINES_MS = 500;
const STDOUT = 1;
/** Where the commands look for xDS unless they are told. */
const XDS_PORT = 18_000;

/**
 * Serves until SIGTERM or SIGINT; a second signal ends at once.
 * @throws InvalidConfig, FingerpostError LISTEN_FAILED
 */
export async function serve(options: ServeOptions, io: CliIo): Promise<void> {
	ignoreStraySignals();
	process.title = "fingerpost";
	const { log, sink } = createLogger(options.logLevel, options.logFormat, io);
	const out = new LineSink(descriptorOutput(STDOUT));
	try {
		await serveLogged(options, { log, sink, out });
	} finally {
		await endOutputs([sink, out], LAST_LINES_MS);
	}
}

interface Outputs {
	readonly log: Logger;
	/** What the log goes through. */
	readonly sink: LineSink;
	/** Stdout. */
	readonly out: LineSink;
}

async function serveLogged(options: ServeOptions, { log, sink, out }: Outputs): Promise<void> {
	const registry = new Registry();
	// It would end the process until the config is followed; what changed by then is seen then.
	const early = () => {};
	process.on("SIGHUP", early);
	const knownServices = new KnownServices();
	const config = withListen(await loadConfig(options.config, { registry, knownServices, atOnce: true }), options);
	const stop = new AbortController();
	const endNow = (code: number) => void endOutputs([sink, out], 0).then(() => process.exit(code));
	const signalled = untilSignal(endNow);
	// What nobody caught is a fault of ours, but no reason to take the endpoints away from anyone.
	const unexpected = (reason: unknown) => logLine(log, "unexpected error", { err: reason });
	process.on("uncaughtException", unexpected);
	process.on("unhandledRejection", unexpected);

	let backends: ExampleBackends | undefined;
	const controlPlane = new ControlPlane(config, {
		registry,
		log,
		droppedLogLines: () => sink.dropped,
		configFile: resolve(options.config),
	});
	try {
		const { xds, admin, rest, health, also } = await controlPlane.start().catch(sayOption);
		const { services, endpoints } = controlPlane.counts();
		const byRest = rest ? ` rest=${formatHostPort(rest)}` : "";
		const more = also ? ` also=${also.map(formatListen).join(",")}` : "";
		const alone = health ? ` health=${formatHostPort(health)}` : "";
		const where = `xds=${formatHostPort(xds)} admin=${formatListen(admin)}${byRest}${alone}${more}`;
		out.write(`fingerpost ${VERSION} ready ${where} services=${services} endpoints=${endpoints}\n`);
		if (options.hints) {
			backends = await startExampleBackends(config);
			out.write(hints(options.config, { xds, admin, backends: backends.lines }));
		}
		giveBackMemory(stop.signal);
		followConfig(controlPlane, config, { options, registry, knownServices, log, signal: stop.signal });
		const signal = await signalled;
		logLine(log, "stopping", { signal });
	} finally {
		stop.abort();
		const limit = setTimeout(() => endNow(0), STOP_LIMIT_MS).unref();
		await Promise.all([controlPlane.stop(), backends?.[Symbol.asyncDispose]()]);
		clearTimeout(limit);
		process.off("uncaughtException", unexpected);
		process.off("unhandledRejection", unexpected);
		process.off("SIGHUP", early);
	}
	logLine(log, "stopped", {});
}

/** A disk that hangs holds a thread, and Node does not end before its threads: only the system can end it then. */
async function endOutputs(sinks: readonly LineSink[], limit: number): Promise<void> {
	const ended = await Promise.all(sinks.map((sink) => sink.end(limit)));
	if (ended.includes(false)) process.kill(process.pid, "SIGKILL");
}

/** By which options the addresses to listen on are given, where there is one. */
const LISTEN_OPTIONS: Readonly<Partial<Record<ListenSetting, string>>> = {
	"xds.listen": "--xds-listen",
	"xds.rest.listen": "--xds-rest-listen",
	"admin.listen": "--admin-listen",
};

/** @throws the error, with the option by which another port is chosen. */
function sayOption(error: unknown): never {
	const option = error instanceof ListenFailed && error.inUse ? LISTEN_OPTIONS[error.setting] : undefined;
	if (option === undefined) throw error;
	const { message, cause } = error as ListenFailed;
	throw new FingerpostError("LISTEN_FAILED", `${message}, or with ${option}`, { cause });
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
	/** Counts the configs that were begun on SIGHUP or taken over: of two, the later one counts. */
	let newest = 0;
	const changed = (config: Config) => {
		newest++;
		try {
			controlPlane.reload(withListen(config, options));
		} catch (error) {
			controlPlane.reloadFailed(FingerpostError.from(error));
		}
	};
	watchConfig(
		options.config,
		{
			changed,
			failed: (error) => controlPlane.reloadFailed(error),
			blind: (error) => {
				if (error) logLine(log, "no file events: the config file is looked at every 2 s", { error: error.message });
				else logLine(log, "file events for the config file work again", {});
			},
		},
		{ registry, knownServices, signal, known },
	);
	const reread = async () => {
		logLine(log, "the config file is read, as a signal asks", { file: options.config });
		const mine = ++newest;
		try {
			const config = await loadConfig(options.config, { registry, knownServices, signal });
			if (mine === newest && !signal.aborted) changed(config);
		} catch (error) {
			if (!signal.aborted) controlPlane.reloadFailed(error instanceof InvalidConfig ? error : new Error(String(error)));
		}
	};
	const onHangUp = () => void reread();
	process.on("SIGHUP", onHangUp);
	signal.addEventListener("abort", () => process.off("SIGHUP", onHangUp), { once: true });
}

/** Resolves with the first SIGTERM or SIGINT; the second one ends the process. */
function untilSignal(endNow: (code: number) => void): Promise<NodeJS.Signals> {
	return new Promise((resolve) => {
		let count = 0;
		const onSignal = (signal: NodeJS.Signals) => {
			if (++count > 1) endNow(signal === "SIGINT" ? 130 : 143);
			resolve(signal);
		};
		for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, onSignal);
	});
}

interface Hinted extends Pick<Addresses, "xds" | "admin"> {
	/** What is to be said of the example back ends. */
	readonly backends: readonly string[];
}

/** What can be tried next, with the ports really in use where they are others than the defaults. */
function hints(config: string, { xds, admin, backends }: Hinted): string {
	const server = xds.port === XDS_PORT ? "" : ` --server ${connectTo(xds)}`;
	const at =
		admin.port === ADMIN.port ? "" : ` --admin ${admin.path === undefined ? connectTo(admin) : formatListen(admin)}`;
	const lines = [
		[`services${at}`, "what there is, and whether it is fresh"],
		[`bootstrap envoy${server} > envoy.yaml`, "for an Envoy that has it all"],
		["envoy -c envoy.yaml", "such an Envoy; then: curl -H 'Host: web' http://127.0.0.1:10000/"],
		[`bootstrap grpc${server} > grpc.json`, "a gRPC client: GRPC_XDS_BOOTSTRAP=grpc.json, xds:///NAME"],
		[`status${at}`, "what each client has ACKed or rejected"],
	] as const;
	const width = Math.max(...lines.map(([command]) => command.length));
	const shown = lines.map(([command, what]) => `  npx fingerpost ${command.padEnd(width)}   # ${what}`);
	return `
${backends.map((line) => `${line}\n`).join("")}
Try next, in another terminal:
${shown.join("\n")}

Edit ${config}: every client has the change at once. Ctrl-C ends it.
`;
}

/** Where this machine reaches what listens there. */
function connectTo({ host, port }: HostPort): string {
	const isAny = host === "0.0.0.0" || host === "::";
	return formatHostPort({ host: isAny ? "127.0.0.1" : host, port });
}
