/** A wait that can be ended early. */
export class Pause {
	#end: (() => void) | undefined;

	/** @param time milliseconds. */
	begin(time: number): Promise<void> {
		this.end();
		return new Promise((resolve) => {
			const timer = setTimeout(() => this.end(), time);
			this.#end = () => {
				clearTimeout(timer);
				this.#end = undefined;
				resolve();
			};
		});
	}

	end(): void {
		this.#end?.();
	}
}
