import { TYPE_IDS, type TypeId } from "../../resources/resource-type.js";
import type { View } from "../../resources/view.js";
import { FingerpostError } from "../../util/errors.js";
import type { AdminRoute } from "../admin-route.js";
import { type ProblemJson, problemsByName } from "../problem-json.js";
import { errorReply, jsonStream } from "../reply.js";
import type { SentResource, SentSources, WantedResource } from "../sent/sent-resource.js";

/** `GET /api/v1/services/NAME/resources` */
export interface ResourcesJson {
	readonly service: string;
	readonly resources: readonly SentResourceJson[];
}

export interface SentResourceJson extends Omit<SentResource, "isInUse" | "pieces" | "problem"> {
	readonly inUse: boolean;
	readonly problem: Pick<ProblemJson, "reason" | "message"> | null;
	/** Null where there is none, or where it is too large or was not asked for. */
	readonly resource: object | null;
}

/** Of a resource with more bytes only what it is called is told: its JSON is five times as long. */
const MAX_BYTES = 4 * 1024 * 1024;

/** What clients are sent of a service. */
export const RESOURCE_ROUTES: readonly AdminRoute[] = [
	{
		method: "GET",
		path: "/api/v1/services/NAME/resources",
		summary: "what clients of each family are sent of it, in JSON; ?type=, ?view=, ?client=, and ?body=0 without it",
		handle({ sources, argument, query, turns }) {
			const { sent } = sources;
			if (!sent || !sources.service(argument)) return errorReply(404, `there is no service "${argument}"`);
			const maxBytes = query.get("body") === "0" ? -1 : MAX_BYTES;
			const pieces = function* (all: Iterable<SentResource | "">): Iterable<string> {
				const problems = problemsByName(sources.problems ? yield* sources.problems(argument) : []);
				yield* resourceList(argument, all, { problems: problems.get(argument) ?? [], maxBytes });
			};
			return sent.of(argument, wanted(sent, query)).then((all) => jsonStream(200, pieces(all), turns));
		},
	},
];

/** @throws FingerpostError USAGE for a type, view or node that there is not. */
function wanted(sent: SentSources, query: URLSearchParams): readonly WantedResource[] {
	const [type, view, client] = [query.get("type"), query.get("view"), query.get("client")];
	const types = TYPE_IDS.filter((each) => type === null || each === type);
	if (types.length === 0) throw new FingerpostError("USAGE", `type is one of ${TYPE_IDS.join(", ")}`);
	const known = client === null ? sent.views() : sent.viewsOf(client);
	if (known.length === 0) throw new FingerpostError("USAGE", `no client of the node "${client}" is connected`);
	const views = known.filter((each) => view === null || each === view);
	if (views.length === 0) throw new FingerpostError("USAGE", `view is one of ${known.join(", ")}`);
	return views.flatMap((each: View) => types.map((id: TypeId) => ({ view: each, type: id })));
}

function* resourceList(
	service: string,
	all: Iterable<SentResource | "">,
	{ problems, maxBytes }: { readonly problems: readonly ProblemJson[]; readonly maxBytes: number },
): Iterable<string> {
	yield `{"service":${JSON.stringify(service)},"resources":[`;
	let comma = "";
	for (const each of all) {
		if (each === "") {
			yield "";
			continue;
		}
		const { isInUse, problem, pieces, ...about } = each;
		// What clients say of it, where they get it.
		const told = problem ?? problemOf(each, problems);
		yield `${comma}${JSON.stringify({ ...about, inUse: isInUse, problem: told }).slice(0, -1)},"resource":`;
		if ((each.bytes ?? 0) <= maxBytes) yield* pieces();
		else yield "null";
		yield "}";
		comma = ",";
	}
	yield "]}";
}

function problemOf({ type, family }: SentResource, problems: readonly ProblemJson[]) {
	const found = problems.find((each) => each.type === type && each.family === family);
	return found ? { reason: found.reason, message: found.message } : null;
}
