import { parseConfig } from "../../src/config/load.js";

/** A config of that text, in a file of which the problems tell. @throws InvalidConfig */
export const read = (text: string) => parseConfig(text, "/etc/fingerpost/f.yaml", {});

/** What is wrong with a config of that text; nothing where it is valid. */
export function problems(text: string): string[] {
	try {
		read(text);
	} catch (error) {
		return (error as Error).message.split("\n");
	}
	return [];
}
