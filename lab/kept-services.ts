import type { SavedService } from "../src/catalog/keep/saved.js";
import { MACHINE } from "../src/state/disk.js";
import { Journal } from "../src/state/journal.js";
import { StateDirectory } from "../src/state/state-directory.js";
import { atOnce } from "../src/util/steps.js";

/** What is kept in a state directory by now. */
export function keptServices(folder: string, disk = MACHINE): readonly SavedService[] {
	const damaged: string[] = [];
	const journal = new Journal(new StateDirectory(folder, disk));
	const services = atOnce(journal.load(({ file, reason }) => damaged.push(`${file}: ${reason}`)));
	if (damaged.length > 0) throw new Error(damaged.join());
	return services;
}
