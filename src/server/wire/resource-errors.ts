import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { status } from "@grpc/grpc-js";
import type { Mode } from "./mode.js";

/** For the one whose call fails: clients add which resource it is. */
const MESSAGE = "Fingerpost has no service of this name";

/** Field numbers of a `ResourceError` and the messages in it; the codecs' protos are older than these. */
const ERROR = { name: 1, detail: 2 } as const;
const NAME = { name: 1 } as const;
const DETAIL = { code: 1, message: 2 } as const;

/** What an error takes besides its name. */
const OVERHEAD = MESSAGE.length + 24;

/** Tag and length before a name in `removed_resources`. */
const NAME_OVERHEAD = 6;

/** @returns at most how many bytes it takes to say that there is nothing of the name. */
export function removalBytes(mode: Mode, name: string): number {
	const error = Buffer.byteLength(name) + OVERHEAD;
	return mode === "delta" ? Buffer.byteLength(name) + NAME_OVERHEAD + error : error;
}

/** Writes a `ResourceError` that there is nothing of the name (R38). @param field `resource_errors` of the response. */
export function writeResourceError(writer: BinaryWriter, field: number, name: string): void {
	writer.tag(field, WireType.LengthDelimited).fork();
	writer.tag(ERROR.name, WireType.LengthDelimited).fork().tag(NAME.name, WireType.LengthDelimited).string(name).join();
	writer.tag(ERROR.detail, WireType.LengthDelimited).fork();
	writer.tag(DETAIL.code, WireType.Varint).int32(status.NOT_FOUND);
	writer.tag(DETAIL.message, WireType.LengthDelimited).string(MESSAGE).join();
	writer.join();
}
