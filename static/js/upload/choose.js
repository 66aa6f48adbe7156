// Files as they are dropped or chosen, folders with all that is in them, and which of them an upload needs.

/** @typedef {import("./queue.js").Item} Item */
/** @typedef {{max_files: number, max_bytes: number, max_file_bytes: number, max_table_bytes: number}} Limits */

const SOUNDS = /\.(wav|wave|flac|og[ga]|opus|mp3|aif[fc]?|au|snd|m4a|mp4|aac|wma|webm|w64|rf64|caf)$/i;
const TABLES = /\.(csv|tsv)$/i;
const ARCHIVES = /\.zip$/i;

/**
 * @param {string} name
 * @returns {"sound" | "archive" | "manifest" | ""}
 */
export function kindOf(name) {
  if (name.split("/").some((part) => part.startsWith(".") || part === "__MACOSX")) return "";
  if (ARCHIVES.test(name)) return "archive";
  if (TABLES.test(name)) return "manifest";
  return SOUNDS.test(name) ? "sound" : "";
}

/**
 * Parts what was chosen into what is sent, what is there already, what no upload needs, and what is too large.
 * A table is always sent: its author may have mended it without changing its size.
 * @param {Item[]} items
 * @param {Map<string, number>} there name -> bytes, of what the server has and what is on its way
 * @param {Limits} limits
 */
export function sortOut(items, there, limits) {
  /** @type {Item[]} */
  const wanted = [];
  /** @type {{item: Item, message: string}[]} */
  const refused = [];
  let n_there = 0;
  let n_left_out = 0;
  const names = new Set(there.keys());
  for (const item of items) {
    const kind = kindOf(item.name);
    const limit = { sound: limits.max_file_bytes, archive: limits.max_bytes, manifest: limits.max_table_bytes };
    if (!kind) n_left_out += 1;
    else if (kind !== "manifest" && there.get(item.name) === item.size) n_there += 1;
    else if (item.size > limit[kind]) refused.push({ item, message: `larger than ${sizeWords(limit[kind])}` });
    else if (!names.has(item.name) && names.size >= limits.max_files)
      refused.push({ item, message: `an upload takes ${limits.max_files} files; import these, then add more` });
    else {
      wanted.push(item);
      names.add(item.name);
    }
  }
  return { wanted, refused, n_there, n_left_out };
}

/**
 * @param {number} n_bytes
 * @returns {string}
 */
export function sizeWords(n_bytes) {
  if (n_bytes >= 1024 ** 3) return `${(n_bytes / 1024 ** 3).toFixed(1)} GiB`;
  if (n_bytes >= 1024 ** 2) return `${(n_bytes / 1024 ** 2).toFixed(1)} MiB`;
  return `${Math.ceil(n_bytes / 1024)} KiB`;
}

/**
 * @param {Iterable<File>} files of a file input
 * @returns {Item[]}
 */
export function chosenItems(files) {
  return [...files].map((file) => ({ name: file.webkitRelativePath || file.name, size: file.size, file }));
}

/**
 * Files of a drop, folders walked through. The entries must be taken while the event lasts, so this is called at once.
 * @param {DataTransfer} transfer
 * @returns {Promise<Item[]>}
 */
export async function droppedItems(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some(Boolean)) return chosenItems(transfer.files);
  const found = await Promise.all(entries.map((entry) => (entry ? walk(entry) : [])));
  return found.flat();
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<Item[]>}
 */
export async function walk(entry) {
  if (entry.isFile) {
    const file = await /** @type {Promise<File>} */ (
      new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject))
    );
    return [{ name: entry.fullPath.replace(/^\//, ""), size: file.size, file }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {Item[]} */
  const items = [];
  for (;;) {
    // Browsers hand out a hundred entries at a time, and an empty list at the end.
    const part = await /** @type {Promise<FileSystemEntry[]>} */ (
      new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    );
    if (!part.length) return items;
    for (const child of part) items.push(...(await walk(child)));
  }
}
