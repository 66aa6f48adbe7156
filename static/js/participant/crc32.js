const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/**
 * The CRC-32 of bytes (ISO 3309, as in ZIP and PNG), as the server writes it: 8 hex digits.
 * @param {ArrayBuffer} buffer
 */
export function crc32(buffer) {
  let value = 0xffffffff;
  for (const byte of new Uint8Array(buffer)) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return ((value ^ 0xffffffff) >>> 0).toString(16).padStart(8, "0");
}
