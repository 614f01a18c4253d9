/** A file of which something could not be used, and why. */
export interface SetAside {
	readonly file: string;
	readonly reason: string;
}

/** What is told of the state on disk. */
export interface StateEvents {
	/** Something on disk could not be used. */
	setAside(file: SetAside): void;
	/** It cannot be written, or not be read; told once until it can be again. */
	failed(error: Error): void;
	recovered(): void;
}
