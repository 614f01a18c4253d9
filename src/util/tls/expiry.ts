import type { X509Certificate } from "node:crypto";

const DAY_MS = 86_400_000;
/** Days before its end from which a certificate is warned of. */
const WARN_DAYS = 30;

/** What is to be known of a certificate's dates; undefined while there is nothing. @param now milliseconds. */
export function expiryNote(
	certificate: Pick<X509Certificate, "validFromDate" | "validToDate">,
	now: number,
): string | undefined {
	const { validFromDate: from, validToDate: to } = certificate;
	if (from.getTime() > now) return `is not valid before ${from.toISOString()}`;
	const left = to.getTime() - now;
	if (left <= 0) return `has expired at ${to.toISOString()}`;
	if (left > WARN_DAYS * DAY_MS) return undefined;
	const days = Math.floor(left / DAY_MS);
	const when = days === 0 ? "within a day" : days === 1 ? "in a day" : `in ${days} days`;
	return `expires ${when}, at ${to.toISOString()}`;
}
