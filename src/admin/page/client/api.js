// @ts-check

const KEY = "fingerpost-token";

/** A token is needed, or the one that there is does not count. */
export class Unauthorized extends Error {}

/** The server says that it cannot be: its own words. */
export class ApiError extends Error {
	/** @param {number} status @param {string} message */
	constructor(status, message) {
		super(message);
		this.status = status;
	}
}

/** @param {string} token kept for this tab, until it is closed */
export function setToken(token) {
	sessionStorage.setItem(KEY, token);
}

/** @returns {boolean} */
export function hasToken() {
	return sessionStorage.getItem(KEY) !== null;
}

/**
 * @param {string} path
 * @param {AbortSignal} signal
 */
export async function ask(path, signal) {
	const token = sessionStorage.getItem(KEY);
	const headers = token ? { authorization: `Bearer ${token}` } : {};
	const response = await fetch(path, { headers: /** @type {HeadersInit} */ (headers), signal, redirect: "error" });
	if (response.status === 401) throw new Unauthorized(token ? "That token does not count." : "A token is needed.");
	if (!response.ok) throw new ApiError(response.status, await errorOf(response));
	return response;
}

/**
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export async function get(path, signal) {
	return (await ask(path, AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]))).json();
}

const LIMIT_MS = 30_000;

/** @param {Response} response */
async function errorOf(response) {
	const text = await response.text();
	try {
		return String(JSON.parse(text).error);
	} catch {
		return `${response.status} ${response.statusText}`;
	}
}
