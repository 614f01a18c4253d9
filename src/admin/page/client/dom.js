// @ts-check

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element. Every text becomes a text node: nothing that is shown is ever read as markup.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes] absent where null, undefined or false
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value === null || value === undefined || value === false) continue;
		element.setAttribute(name, value === true ? "" : String(value));
	}
	for (const child of children.flat()) {
		if (child === null || child === undefined || child === false) continue;
		element.append(typeof child === "number" ? String(child) : child);
	}
	return element;
}

/**
 * Puts nodes in place of what is there. What has not changed stays, so that focus, selection and open parts stay, too.
 * @param {Element} place
 * @param {readonly Node[]} nodes
 */
export function show(place, nodes) {
	const isSame = place.childNodes.length === nodes.length;
	if (!isSame) {
		const focus = focusIn(place);
		keepOpen(place, nodes);
		place.replaceChildren(...nodes);
		refocus(place, focus);
		return;
	}
	nodes.forEach((node, i) => {
		const old = /** @type {ChildNode} */ (place.childNodes[i]);
		if (old.isEqualNode(node)) return;
		const focus = focusIn(place);
		if (old instanceof Element) keepOpen(old, [node]);
		old.replaceWith(node);
		refocus(place, focus);
	});
}

/** @param {Element} place @returns {string | null} what names the focused element among those of the place */
function focusIn(place) {
	const { activeElement } = document;
	if (!activeElement || !place.contains(activeElement)) return null;
	return activeElement.getAttribute("href") ?? activeElement.id;
}

/** @param {Element} place @param {string | null} key */
function refocus(place, key) {
	if (!key) return;
	for (const each of place.querySelectorAll("a, [id]")) {
		if (each.getAttribute("href") !== key && each.id !== key) continue;
		if (each instanceof HTMLElement) each.focus({ preventScroll: true });
		return;
	}
}

/** @param {Element} old @param {readonly Node[]} nodes */
function keepOpen(old, nodes) {
	const open = new Set([...old.querySelectorAll("details[open][id]")].map(({ id }) => id));
	if (old.matches("details[open][id]")) open.add(old.id);
	for (const node of nodes) {
		if (!(node instanceof Element)) continue;
		for (const each of [node, ...node.querySelectorAll("details")])
			if (open.has(each.id)) each.setAttribute("open", "");
	}
}
