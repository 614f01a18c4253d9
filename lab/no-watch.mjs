// Loaded into the server with `--import`: its system tells of no change in any folder, with the code in FINGERPOST_NO_WATCH.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const code = process.env.FINGERPOST_NO_WATCH;

fs.watch = () => {
	throw Object.assign(new Error(`${code}: refused, watch`), { code, syscall: "watch" });
};
syncBuiltinESMExports();
