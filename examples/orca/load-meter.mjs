/** What a back end of so many requests a second has to do: the requests of the last second, and how much of it that is. */
export class LoadMeter {
	#capacity;
	/** When the requests of the last second came. */
	#times = [];

	/** @param capacity requests a second that are all it can bear. */
	constructor(capacity) {
		this.#capacity = capacity;
	}

	/** Counts a request. */
	count() {
		this.#times.push(performance.now());
	}

	/**
	 * What is reported. In a real back end the utilisation is measured, as by process.cpuUsage(). Above 1 it is overloaded.
	 * @returns `rps` requests a second, `utilization` from 0 on.
	 */
	read() {
		const since = performance.now() - 1_000;
		const first = this.#times.findIndex((time) => time > since);
		this.#times.splice(0, first < 0 ? this.#times.length : first);
		const rps = this.#times.length;
		return { rps, utilization: rps / this.#capacity };
	}
}

/** Numbers of fields of xds.data.orca.v3.OrcaLoadReport that are doubles. */
const FIELDS = { cpu_utilization: 1, rps_fractional: 6, application_utilization: 9 };

/** The report as a message, for `endpoint-load-metrics-bin`. */
export function binaryReport(load) {
	const values = Object.entries(reportOf(load));
	const bytes = Buffer.alloc(values.length * 9);
	for (const [i, [name, value]] of values.entries()) {
		bytes[i * 9] = (FIELDS[name] << 3) | 1;
		bytes.writeDoubleLE(value, i * 9 + 1);
	}
	return bytes;
}

/** The report as text, for `endpoint-load-metrics`. */
export function textReport(load) {
	return `JSON ${JSON.stringify(reportOf(load))}`;
}

/** Both utilisations: most clients take the application's, or else the CPU's; grpc-js takes the application's alone. */
function reportOf({ rps, utilization }) {
	return { cpu_utilization: utilization, rps_fractional: rps, application_utilization: utilization };
}
