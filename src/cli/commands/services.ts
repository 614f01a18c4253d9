import type {
	EndpointJson,
	RegistriesJson,
	RegistryJson,
	ServiceDetailJson,
	ServiceJson,
	ServicesJson,
} from "../../admin/admin-json.js";
import type { ProblemJson } from "../../admin/problem-json.js";
import { addressOf } from "../../model/endpoint.js";
import type { HostPort } from "../../model/host-port.js";
import { FingerpostError, ServiceNotFound } from "../../util/errors.js";
import { didYouMean } from "../../util/text/suggest.js";
import { AdminClient, withQuery } from "../admin-client.js";
import type { CliIo } from "../cli-io.js";
import { ageOf } from "../output/age.js";
import { type ShowOptions, show, type TableStyle } from "../output/show.js";
import { stateCell } from "../output/state-colour.js";
import { type Cell, printable, renderTable } from "../output/table.js";

export interface ServicesOptions extends ShowOptions {
	readonly admin: HostPort;
	readonly service?: string;
	readonly state?: string;
}

/**
 * Shows all services, or one with its targets, endpoints and notes.
 * @throws FingerpostError USAGE for a name together with filters of a list
 */
export async function services(name: string | undefined, options: ServicesOptions, io: CliIo): Promise<number> {
	const client = new AdminClient(options.admin);
	if (name === undefined) {
		const { service, state } = options;
		const isFiltered = service !== undefined || state !== undefined;
		const read = async (): Promise<ServicesShown> => {
			const all = await client.getExisting<ServicesJson>(withQuery("/api/v1/services", { service, state }));
			// An older control plane has none.
			const found = isFiltered ? undefined : await client.get<RegistriesJson>("/api/v1/registries");
			return found && found.registries.length > 0 ? { ...all, ...found } : all;
		};
		const nothing = isFiltered ? "No service is like that." : "The config has no service.";
		return show(options, read, { table: renderServices, nothing }, io);
	}
	if (options.service !== undefined || options.state !== undefined)
		throw new FingerpostError("USAGE", "give the name of a service, or --service and --state for a list");
	return show(options, () => readService(client, name), { table: renderService, nothing: "" }, io);
}

async function readService(client: AdminClient, name: string): Promise<ServiceDetailJson> {
	const service = await client.get<ServiceDetailJson>(`/api/v1/services/${encodeURIComponent(name)}`);
	if (service) return service;
	const all = await client.getExisting<ServicesJson>("/api/v1/services");
	const names = all.services.map((each) => each.name);
	throw new ServiceNotFound(`there is no service "${name}"${didYouMean(name, names)}`);
}

type ServicesShown = ServicesJson & Partial<RegistriesJson>;

export function renderServices({ services: all, registries }: ServicesShown, style: TableStyle): string {
	const parts = [renderTableOf(all, style), ...(registries ? [renderRegistries(registries, style)] : [])];
	return parts.filter((part) => part !== "").join("\n");
}

/** The registries, and below them the notes of each. */
function renderRegistries(registries: readonly RegistryJson[], { colours, now }: TableStyle): string {
	const headers = ["REGISTRY", "NAME", "STATE", "SERVED", "LAST-SUCCESS", "LAST-ERROR"];
	const rows = registries.map(({ target, name, state, services: { found, served }, ...each }): Cell[] => [
		target,
		name,
		stateCell(state),
		`${served}/${found}`,
		ageOf(each.lastSuccess, now),
		each.lastError ?? "",
	]);
	const notes = registries.flatMap((each) => each.notes.map((note) => `  ${printable(`${each.target}: ${note}`)}\n`));
	return `${renderTable(headers, rows, colours)}${notes.length > 0 ? `\nNotes:\n${notes.join("")}` : ""}`;
}

function renderTableOf(all: ServicesJson["services"], { wide, colours }: TableStyle): string {
	if (all.length === 0) return "";
	const headers = ["NAME", "STATE", "ENDPOINTS", "TARGETS", "VERSION", "NOTES"];
	const rows = all.map(({ name, state, endpoints, targets, version, notes }): Cell[] => [
		name,
		stateCell(state),
		`${endpoints.ready}/${endpoints.total}`,
		targetsText(targets, wide),
		version,
		wide ? notes.join("; ") : notes.length,
	]);
	return renderTable(headers, rows, colours);
}

/** All of them if there is room, else the first. */
function targetsText(targets: ServiceJson["targets"], wide: boolean): string {
	const texts = targets.map((each) => each.target);
	if (wide || texts.length < 2) return texts.join(", ");
	return `${texts[0]} +${texts.length - 1}`;
}

export function renderService(service: ServiceDetailJson, style: TableStyle): string {
	const { name, state, version, endpoints, targets, items, notes, problems = [] } = service;
	const head = renderHead({
		Name: name,
		State: state,
		Version: version || "-",
		Endpoints: `${endpoints.ready} of ${endpoints.total} ready`,
	});
	const targetRows = targets.map((each): Cell[] => [
		each.target,
		stateCell(each.state),
		ageOf(each.lastSuccess, style.now),
		each.lastError === null ? "" : `${each.lastError} (${ageOf(each.lastErrorAt, style.now)} ago)`,
	]);
	const parts = [head, renderTable(["TARGET", "STATE", "LAST-SUCCESS", "LAST-ERROR"], targetRows, style.colours)];
	parts.push(items.length > 0 ? renderEndpoints(items, style) : "No endpoints.\n");
	if (problems.length > 0) parts.push(renderProblems(problems, style));
	if (notes.length > 0) parts.push(`Notes:\n${notes.map((each) => `  ${printable(each)}\n`).join("")}`);
	return parts.join("\n");
}

/** Who does not get what, and why; the words of clients may have several lines. */
function renderProblems(problems: readonly ProblemJson[], { now }: TableStyle): string {
	const lines = problems.flatMap(({ type, family, reason, message, since, rejectedBy, ackedBy }) => {
		const counts = rejectedBy === null ? "" : `${rejectedBy} ${ackedBy === null ? "" : `of ${rejectedBy + ackedBy} `}`;
		const what = reason === "rejected" ? `rejected by ${counts}clients` : "too large for clients";
		const [first = "", ...more] = message.trimEnd().split("\n");
		return [
			`  ${type} for ${family}, ${what} for ${ageOf(since, now)}: ${first}`,
			...more.map((line) => `    ${line}`),
		];
	});
	return `Problems:\n${lines.map((line) => `${printable(line)}\n`).join("")}`;
}

function renderHead(values: Readonly<Record<string, string>>): string {
	return Object.entries(values)
		.map(([key, value]) => `${`${key}:`.padEnd(12)}${printable(value)}\n`)
		.join("");
}

/** A line an endpoint; with its origin and what else is said of it where there is room. */
export function renderEndpoints(items: readonly EndpointJson[], { wide, colours, now }: TableStyle): string {
	const headers = ["ADDRESS", "HEALTH", "WEIGHT", "PRIORITY", "LOCALITY"];
	if (wide) headers.push("HOSTNAME", "METADATA", "FROM", "REVISION", "AGE");
	const rows = items.map((item): Cell[] => {
		const { locality, hostname, metadata, origin } = item;
		const row: Cell[] = [
			addressOf(item),
			// Here `unknown` is no trouble: it is what a source without health checks gives.
			item.health === "unknown" ? "unknown" : stateCell(item.health),
			item.weight,
			item.priority,
			locality ? [locality.region, locality.zone, locality.subZone].join("/").replace(/\/+$/, "") : "",
		];
		if (wide) {
			const pairs = Object.entries(metadata ?? {}).map(([key, value]) => `${key}=${value}`);
			const from = origin?.object ?? origin?.target ?? "";
			row.push(hostname ?? "", pairs.sort().join(","), from, origin?.revision ?? "", ageOf(origin?.at ?? null, now));
		}
		return row;
	});
	return renderTable(headers, rows, colours);
}
