import type { RegistryJson } from "../../admin/admin-json.js";
import { ageOf } from "../output/age.js";
import type { TableStyle } from "../output/show.js";
import { stateCell } from "../output/state-colour.js";
import { type Cell, printable, renderTable } from "../output/table.js";

/** A line a registry, and below the table the notes of each; empty without registries. */
export function renderRegistries(registries: readonly RegistryJson[], style: TableStyle): string {
	if (registries.length === 0) return "";
	const heads = ["REGISTRY", "NAMES", "STATE", "SERVED", "LAST-SUCCESS", "LAST-ERROR"];
	const rows = registries.map(({ target, name, state, services: { found, served }, ...each }): Cell[] => [
		target,
		name,
		stateCell(state),
		`${served}/${found}`,
		ageOf(each.lastSuccess, style.now),
		each.lastError ?? "",
	]);
	const notes = registries.flatMap((each) => each.notes.map((note) => `  ${printable(`${each.target}: ${note}`)}\n`));
	const table = renderTable(heads, rows, style);
	return notes.length === 0 || style.headers === false ? table : `${table}\nNotes:\n${notes.join("")}`;
}
