// Loaded by a process under test: each SIGUSR2 makes its clock jump, ten days on and then twenty days back.
const DAYS = 86_400_000;
const JUMPS = [10 * DAYS, -10 * DAYS];
const RealDate = Date;
let offset = 0;

globalThis.Date = class extends RealDate {
	constructor(...parts) {
		if (parts.length === 0) super(RealDate.now() + offset);
		else super(...parts);
	}

	static now() {
		return RealDate.now() + offset;
	}
};

process.on("SIGUSR2", () => {
	offset = JUMPS.shift() ?? 0;
});
