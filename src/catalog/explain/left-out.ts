/** What was left out of a service, and why. */
export interface LeftOut {
	/** `10.0.0.1:80`, or without a port where the source says none; undefined where no address is known. */
	readonly address: string | undefined;
	/** The source's own object, or what else is said of it; undefined where it is an address alone. */
	readonly object: string | undefined;
	readonly reason: string;
}

// As providers and the catalog tell it: `10.0.0.1:80 (web-1) is left out: it is not ready`,
// `endpoint 10.0.0.1:0 left out: port 0`, `duplicate endpoint 10.0.0.1:80 in T left out, already given by U`,
// `a._tcp SRV 0 0 0 b: port 0; left out`.
const TOLD =
	/^(?:(?:duplicate |additional )?(?:endpoint|address) )?(\S+)((?: (?!is left)(?!left).*?)?),? (?:is )?left out(?::|,|$)? ?(.*)$/;
const AT_END = /^(\S+)((?: .*?)?): (.*); (?:its records are )?left out$/;
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|\[[0-9a-f:.]+\]:\d+|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*)$/i;

/** What a note says was left out; undefined for a note of something else. */
export function leftOutOf(note: string): LeftOut | undefined {
	const atEnd = AT_END.exec(note);
	if (atEnd) return leftOut(atEnd[1] as string, atEnd[2] as string, atEnd[3] as string);
	const told = TOLD.exec(note);
	if (!told) return undefined;
	const isDuplicate = note.startsWith("duplicate");
	const reason = [...(isDuplicate ? ["it is a duplicate"] : []), ...(told[3] ? [told[3]] : [])].join(": ");
	return leftOut(told[1] as string, told[2] as string, reason === "" ? note : reason);
}

function leftOut(what: string, more: string, reason: string): LeftOut {
	const said = more
		.trim()
		.replace(/^in \S+/, "")
		.replace(/^\((.*)\)$/, "$1");
	if (ADDRESS.test(what)) return { address: what, object: said === "" ? undefined : said, reason };
	return { address: undefined, object: said === "" ? what : `${what} ${said}`, reason };
}
