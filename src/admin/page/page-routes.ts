import { readFileSync } from "node:fs";
import type { AdminRoute, PageRow } from "../admin-route.js";
import { errorReply, type Reply } from "../reply.js";
import { renderShell } from "./shell.js";

/** What the page loads, all of it from here; `client/` has a file for each. */
const FILES = [
	...["page.css", "icon.svg", "main.js", "api.js", "events.js", "live.js", "dom.js", "format.js", "parts.js"],
	...["overview.js", "services.js", "service.js", "zones.js", "sent.js", "clients.js", "client.js", "changes.js"],
] as const;

const TYPES: Readonly<Record<string, string>> = {
	css: "text/css; charset=utf-8",
	js: "text/javascript; charset=utf-8",
	svg: "image/svg+xml",
};

/** Nothing from elsewhere, nothing inline, and no text that becomes markup. */
const HEADERS = {
	"content-security-policy": [
		"default-src 'none'",
		...["script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"],
		...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
		...["require-trusted-types-for 'script'", "trusted-types 'none'"],
	].join("; "),
	"referrer-policy": "no-referrer",
};

/** @param all every route of the server, which the page lists; read when it is asked for. */
export function pageRoutes(all: () => readonly PageRow[]): readonly AdminRoute[] {
	return [
		{
			method: "GET",
			path: "/",
			summary: "this page",
			handle: ({ sources }) => ({
				status: 200,
				type: "text/html; charset=utf-8",
				body: renderShell(sources.version, all()),
				headers: HEADERS,
			}),
		},
		{
			method: "GET",
			path: "/page/FILE",
			summary: "the script and the style of this page",
			handle: ({ argument }) => pageFile(argument),
		},
	];
}

const texts = new Map<string, string>();

function pageFile(name: string): Reply {
	const file = FILES.find((each) => each === name);
	if (file === undefined) return errorReply(404, "the page has no such file");
	// They are a few kilobytes each, and do not change while the program runs.
	const body = texts.get(file) ?? readFileSync(new URL(`client/${file}`, import.meta.url), "utf8");
	texts.set(file, body);
	return { status: 200, type: TYPES[file.split(".")[1] as string] as string, body, headers: HEADERS };
}
