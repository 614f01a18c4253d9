import type { IncomingMessage } from "node:http";
import { SourceFailed } from "../../util/errors.js";
import type { HttpClient, HttpRequest } from "../http-client/http-client.js";

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Gets the URL, wherever its host has moved it to. A redirect to another host is not followed: the token is not for it.
 * @throws SourceFailed; the signal's reason once it fires.
 */
export async function get(client: HttpClient, request: HttpRequest): Promise<IncomingMessage> {
	let { url } = request;
	for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
		const response = await client.open({ ...request, url });
		if (!REDIRECTS.includes(response.statusCode ?? 0)) return response;
		response.destroy();
		url = redirected(url, response.headers.location);
	}
	throw new SourceFailed(`it redirects more than ${MAX_REDIRECTS} times`);
}

function redirected(from: URL, location: string | undefined): URL {
	if (location === undefined || !URL.canParse(location, from.href)) throw new SourceFailed("it redirects to nowhere");
	const to = new URL(location, from);
	const isSame = to.protocol === from.protocol && to.host === from.host;
	const isUpgrade = from.protocol === "http:" && to.protocol === "https:" && to.hostname === from.hostname;
	if (isSame || (isUpgrade && from.port === "" && to.port === "")) return to;
	throw new SourceFailed(`it redirects to ${to.origin}, which is not followed; give that address if it is right`);
}
