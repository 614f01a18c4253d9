import type { PageRow } from "../admin-route.js";

/** What the page is without its script: navigation, a place for the views, and what there is to ask for. */
export function renderShell(version: string, routes: readonly PageRow[]): string {
	const rows = routes.map(({ method, path, summary }) => {
		const shown = method === "GET" && !/[A-Z]/.test(path) ? `<a href="${path}">${path}</a>` : path;
		return `<tr><td>${method}</td><td>${shown}</td><td>${escaped(summary)}</td></tr>`;
	});
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Fingerpost</title>
<link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/page.css">
<script type="module" src="/page/main.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<p class="brand">Fingerpost ${escaped(version)}</p>
<nav aria-label="Views" id="nav">
<a href="#/">Overview</a>
<a href="#/services">Services</a>
<a href="#/clients">Clients</a>
<a href="#/changes">Changes</a>
<a href="#/api">API</a>
</nav>
<p id="status" role="status" aria-live="polite"></p>
</header>
<main id="main" tabindex="-1">
<div id="view"></div>
<noscript><p>The views need JavaScript. What they show is also in the API below, and in <code>fingerpost status</code>.</p></noscript>
<section id="api">
<h1 id="api-title">API</h1>
<div class="scroll" role="region" aria-labelledby="api-title" tabindex="0">
<table>
<thead><tr><th scope="col">Method</th><th scope="col">Path</th><th scope="col">What it is</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</div>
</section>
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
