import { type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { descriptorRegistry } from "../../resources/overlay/descriptor-registry.js";

/** Finds the descriptors of the services and messages on the port, for server reflection. */
export class DescriptorIndex {
	readonly #registry = descriptorRegistry();
	readonly #encoded = new Map<DescFile, Uint8Array>();

	/** @param name as in an import: `envoy/config/core/v3/base.proto`. */
	file(name: string): DescFile | undefined {
		return this.#registry.getFile(name);
	}

	/** @param symbol full name of a message, enum, extension, service, or method of a service. */
	fileOf(symbol: string): DescFile | undefined {
		const found = this.#registry.get(symbol);
		if (found) return found.file;
		const dot = symbol.lastIndexOf(".");
		const service = this.#registry.getService(symbol.slice(0, dot));
		const method = symbol.slice(dot + 1);
		return service?.methods.some(({ name }) => name === method) ? service.file : undefined;
	}

	fileOfExtension(message: string, number: number): DescFile | undefined {
		const extended = this.#registry.getMessage(message);
		return extended && this.#registry.getExtensionFor(extended, number)?.file;
	}

	/** Undefined if there is no such message. */
	extensionNumbers(message: string): number[] | undefined {
		const extended = this.#registry.getMessage(message);
		if (!extended) return undefined;
		const extensions = [...this.#registry].filter((type) => type.kind === "extension");
		return extensions.filter(({ extendee }) => extendee === extended).map(({ number }) => number);
	}

	/**
	 * The file and its imports, encoded, without imports that were sent before.
	 * @param sent gets all of them.
	 */
	withImports(file: DescFile, sent: Set<DescFile>): Uint8Array[] {
		sent.add(file);
		const files = [file];
		for (const { dependencies } of files) {
			for (const dependency of dependencies) {
				if (sent.has(dependency)) continue;
				sent.add(dependency);
				files.push(dependency);
			}
		}
		return files.map((each) => this.#encode(each));
	}

	#encode(file: DescFile): Uint8Array {
		let bytes = this.#encoded.get(file);
		if (!bytes) {
			bytes = toBinary(FileDescriptorProtoSchema, file.proto);
			this.#encoded.set(file, bytes);
		}
		return bytes;
	}
}
