// The ZIP that is appended to a .tflite of kerasformer.

const END = 0x06054b50,
  END_LENGTH = 22,
  ENTRY_LENGTH = 46,
  HEADER_LENGTH = 30;
const DAMAGED = 'the file is damaged or not a .tflite of kerasformer: it has none of our metadata';

async function inflated(data) {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// The files of the archive: {name: Uint8Array}. Offsets may count from the start of the file or of the ZIP.
export async function unzip(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let end = file.length - END_LENGTH;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw new Error(DAMAGED);
  const number = at => view.getUint16(at, true),
    long = at => view.getUint32(at, true);
  const base = end - long(end + 12) - long(end + 16),
    found = {};
  let at = end - long(end + 12);
  for (let left = number(end + 10); left > 0; left--) {
    const name = new TextDecoder().decode(file.subarray(at + ENTRY_LENGTH, at + ENTRY_LENGTH + number(at + 28)));
    const header = base + long(at + 42),
      start = header + HEADER_LENGTH + number(header + 26) + number(header + 28);
    const data = file.slice(start, start + long(at + 20));
    found[name] = number(at + 10) ? await inflated(data) : data;
    at += ENTRY_LENGTH + number(at + 28) + number(at + 30) + number(at + 32);
  }
  if (!found['kerasformer.json']) throw new Error(DAMAGED);
  return found;
}
