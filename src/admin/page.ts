/** One thing to ask for. A path with a part in capitals cannot be followed as it stands. */
export interface PageRow {
	readonly method: "GET" | "POST";
	readonly path: string;
	readonly summary: string;
}

/** The page at `/`: what there is to ask for. Nothing in it comes from outside. */
export function renderPage(version: string, routes: readonly PageRow[]): string {
	const rows = routes.map(({ method, path, summary }) => {
		const shown = method === "GET" && !/[A-Z]/.test(path) ? `<a href="${path}">${path}</a>` : path;
		return `<tr><td>${method}</td><td>${shown}</td><td>${summary}</td></tr>`;
	});
	return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Fingerpost</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem } td { padding-right: 1.5rem }</style>
<h1>Fingerpost ${version}</h1>
<table>
${rows.join("\n")}
</table>
</html>
`;
}
