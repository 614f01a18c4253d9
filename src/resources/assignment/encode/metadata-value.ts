import type { MetadataValue } from "../../../model/metadata.js";
import { doubleField } from "../../wire-format.js";
import { LIST_VALUE, VALUE } from "./assignment-fields.js";
import type { BackwardWriter } from "./backward-writer.js";

/** A google.protobuf.Value, within which even an empty text, 0 and false are written. */
export function writeMetadataValue(to: BackwardWriter, field: number, value: MetadataValue): void {
	const start = to.length;
	switch (typeof value) {
		case "string":
			to.text(VALUE.text, value);
			if (value === "") to.message(VALUE.text, start);
			break;
		case "number":
			to.fields(doubleField(VALUE.number, value));
			break;
		case "boolean":
			to.number(VALUE.truth, value ? 1 : 0);
			break;
		default:
			for (const each of value.toReversed()) writeMetadataValue(to, LIST_VALUE.values, each);
			to.message(VALUE.list, start);
	}
	to.message(field, start);
}
