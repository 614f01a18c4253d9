// Node runs TypeScript by itself, but does not look for the .ts behind an import of .js. With `--import` this does.
import { registerHooks } from "node:module";

registerHooks({
	resolve(specifier, context, next) {
		try {
			return next(specifier, context);
		} catch (error) {
			if (!/^(?:\.{1,2}\/|file:).*\.js$/.test(specifier)) throw error;
			return next(`${specifier.slice(0, -3)}.ts`, context);
		}
	},
});
