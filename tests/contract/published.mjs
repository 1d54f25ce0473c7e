// The published contract: every descriptor of the npm package @zitadel/proto, which is installed beside this file.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const packages = path.join(here, "node_modules");

/** A module of the installed packages, by path; the package's `exports` name only a part of them. */
async function load(file) {
  const full = path.join(packages, file);
  if (!fs.existsSync(full)) {
    throw new Error(`${full} is missing: run "npm ci" in tests/contract first`);
  }
  return import(pathToFileURL(full));
}

function* generated_files(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* generated_files(full);
    else if (full.endsWith("_pb.js")) yield full;
  }
}

/** protobuf-es itself: getOption, toBinary, createFileRegistry … */
export const protobuf = await load("@bufbuild/protobuf/dist/esm/index.js");
/** Descriptors of descriptor.proto. */
export const wkt = await load("@bufbuild/protobuf/dist/esm/wkt/index.js");
/** reflect(schema, message): a message by its fields. */
export const { reflect } = await load("@bufbuild/protobuf/dist/esm/reflect/index.js");

/** Every published file, by its name ("zitadel/user.proto"), as a DescFile. */
export async function published_files() {
  const root = path.join(packages, "@zitadel/proto/es");
  const files = new Map();
  for (const file of generated_files(root)) {
    const module = await import(pathToFileURL(file));
    for (const value of Object.values(module)) {
      if (value?.kind === "file") files.set(value.name + ".proto", value);
    }
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
