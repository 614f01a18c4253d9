import { expect, it } from "vitest";
import { yamlBlocks } from "../../../src/input/yaml/yaml-blocks.js";

it("cuts a text into the entries of a map, each with the empty lines and comments after it", () => {
	const text = `# head
a: 1
services: # opening
  # more

  web: x # y

  "api/v1":
    - a
  # of api
  list:
  - a
  - b
   # of list
tail: [b]
`;
	const blocks = yamlBlocks(text, "services");
	expect(blocks).toEqual({
		head: "# head\na: 1\n",
		opening: "services: # opening\n  # more\n\n",
		blocks: [
			{ key: "web", text: "  web: x # y\n\n" },
			{ key: "api/v1", text: '  "api/v1":\n    - a\n  # of api\n' },
			{ key: "list", text: "  list:\n  - a\n  - b\n   # of list\n" },
		],
		tail: "tail: [b]\n",
	});
});

it("takes the last entry to the end of the text", () => {
	expect(yamlBlocks("services:\n  a: 1", "services")).toEqual({
		head: "",
		opening: "services:\n",
		blocks: [{ key: "a", text: "  a: 1" }],
		tail: "",
	});
});

it.each([
	"services: {a: 1}\n",
	"a: 1\n",
	"services:\n",
	"services:\n# none\n",
	" services:\n  a: 1\n",
	"services:\n   a: 1\n  b: 2\n",
	"services:\n  ? a\n",
	'{"services": {"a": 1}}\n',
	"services:\r\n  a: 1\r\n",
])("leaves alone what it cannot cut: %j", (text) => {
	expect(yamlBlocks(text, "services")).toBeUndefined();
});
