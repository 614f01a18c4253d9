/** When a change reached its streams, in milliseconds after the change was made. */
export interface Arrival {
	readonly first: number;
	readonly last: number;
}
