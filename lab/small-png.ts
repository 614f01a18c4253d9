import { crc32, deflateSync } from "node:zlib";
import type { Page } from "playwright-core";

/** Colours of a picture. */
const COLOURS = 96;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** What a page shows, as a PNG with few colours: a quarter of what a browser makes of it. */
export async function smallPng(page: Page, clip?: { x: number; y: number; width: number; height: number }) {
	const shot = await page.screenshot({ animations: "disabled", caret: "hide", ...(clip && { clip }) });
	// A page of its own: that which is shown may not read pictures.
	const blank = await page.context().newPage();
	try {
		const { width, height, pixels } = (await blank.evaluate(`(${READ})("${shot.toString("base64")}")`)) as Pixels;
		return encode(width, height, Buffer.from(pixels, "base64"));
	} finally {
		await blank.close();
	}
}

interface Pixels {
	readonly width: number;
	readonly height: number;
	/** Red, green, blue and alpha of each, in base64. */
	readonly pixels: string;
}

/** Runs in the browser. */
const READ = `async (base64) => {
	const bitmap = await createImageBitmap(await (await fetch("data:image/png;base64," + base64)).blob());
	const { width, height } = bitmap;
	const context = new OffscreenCanvas(width, height).getContext("2d");
	context.drawImage(bitmap, 0, 0);
	const { data } = context.getImageData(0, 0, width, height);
	let text = "";
	for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
	return { width, height, pixels: btoa(text) };
}`;

function encode(width: number, height: number, rgba: Buffer): Buffer {
	const counts = new Map<number, number>();
	const colourAt = (pixel: number) => rgba.readUIntBE(pixel * 4, 3);
	for (let i = 0; i < width * height; i++) counts.set(colourAt(i), (counts.get(colourAt(i)) ?? 0) + 1);
	const all = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
	const palette = all.slice(0, COLOURS);
	const places = new Map(all.map((colour) => [colour, nearest(colour, palette)]));
	const rows = Buffer.alloc((width + 1) * height);
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = places.get(colourAt(y * width + x)) as number;
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	// Eight bits a pixel, by a palette.
	header.set([8, 3, 0, 0, 0], 8);
	const colours = Buffer.concat(
		palette.map((colour) => Buffer.from([colour >> 16, (colour >> 8) & 255, colour & 255])),
	);
	const data = deflateSync(rows, { level: 9 });
	return Buffer.concat([
		...[SIGNATURE, chunk("IHDR", header), chunk("PLTE", colours), chunk("IDAT", data)],
		chunk("IEND", Buffer.alloc(0)),
	]);
}

/** The place in the palette of the colour that is most like it. */
function nearest(colour: number, palette: readonly number[]): number {
	let [place, least] = [0, Number.POSITIVE_INFINITY];
	for (const [i, other] of palette.entries()) {
		const distance = [16, 8, 0].reduce(
			(sum, bits) => sum + (((colour >> bits) & 255) - ((other >> bits) & 255)) ** 2,
			0,
		);
		if (distance < least) [place, least] = [i, distance];
	}
	return place;
}

function chunk(type: string, data: Buffer): Buffer {
	const body = Buffer.concat([Buffer.from(type), data]);
	const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
	length.writeUInt32BE(data.length);
	check.writeUInt32BE(crc32(body));
	return Buffer.concat([length, body, check]);
}
