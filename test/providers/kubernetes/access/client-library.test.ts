import { expect, it } from "vitest";
import { clientLibraryProblem } from "../../../../src/providers/kubernetes/access/client-library.js";

it("the client library is looked for without being loaded; what is missing is said with the cure", () => {
	expect(clientLibraryProblem()).toBeUndefined();
	expect(clientLibraryProblem("@kubernetes/no-such-client")).toBe(
		"Kubernetes needs the package @kubernetes/no-such-client, which is not installed; install it: npm install @kubernetes/no-such-client",
	);
});
