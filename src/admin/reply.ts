import { cleanJson } from "../util/clean-text.js";

/** What a route answers. */
export interface Reply {
	readonly status: number;
	/** The media type. */
	readonly type: string;
	readonly body: string;
	readonly headers?: Readonly<Record<string, string>>;
}

export function jsonReply(status: number, value: unknown, headers?: Reply["headers"]): Reply {
	return {
		status,
		type: "application/json",
		body: `${cleanJson(JSON.stringify(value))}\n`,
		...(headers && { headers }),
	};
}

/** @param more further keys beside `error` */
export function errorReply(status: number, error: string, more: object = {}, headers?: Reply["headers"]): Reply {
	return jsonReply(status, { error, ...more }, headers);
}
