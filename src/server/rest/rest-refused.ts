/** A request that gets no resources but an HTTP status and the reason. */
export class RestRefused extends Error {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;

	constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
		super(message);
		this.name = "RestRefused";
		this.status = status;
		this.headers = headers;
	}
}
