import type { ServicesJson } from "../../admin/admin-json.js";
import { FingerpostError, ServiceNotFound } from "../../util/errors.js";
import { didYouMean } from "../../util/text/suggest.js";
import { type AdminClient, errorText, withQuery } from "../admin/admin-client.js";

/** What is asked of a service. */
export interface ServiceQuestion {
	readonly service: string;
	/** What stands behind the service's path, such as `explain`. */
	readonly what: string;
	readonly query?: Readonly<Record<string, string | undefined>>;
	readonly method?: "GET" | "POST";
}

/**
 * The admin API's answer about a service.
 * @throws ServiceNotFound with what may be meant; FingerpostError USAGE for a query that cannot be, ADMIN_UNREACHABLE,
 *   and FAILED with what the API says else.
 */
export async function askService<T>(client: AdminClient, question: ServiceQuestion): Promise<T> {
	const { service, what, query = {}, method = "GET" } = question;
	const path = withQuery(`/api/v1/services/${encodeURIComponent(service)}/${what}`, query);
	const { status, body } = await client.ask(path, method);
	if (status === 200) return JSON.parse(body) as T;
	const text = errorText(body);
	if (status === 400) throw new FingerpostError("USAGE", text);
	if (status === 404) {
		const { services } = await client.getExisting<ServicesJson>("/api/v1/services");
		const names = new Set(services.map(({ name }) => name));
		if (!names.has(service)) throw new ServiceNotFound(`there is no service "${service}"${didYouMean(service, names)}`);
	}
	const isSaid = status === 404 || status === 409;
	throw new FingerpostError("ADMIN_UNREACHABLE", isSaid ? text : `the admin port answers ${status}: ${text}`);
}
