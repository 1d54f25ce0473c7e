// The contract test: what proto/ declares must be what is published: names, numbers, types, paths, permissions. Prints what
// is not implemented yet. Exit 1 when something differs that proto/overlay.txt does not name.
//
//   npm ci && node conformance.mjs [--list]      --list: every RPC that is missing, not only their number
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { protobuf, published_files, wkt } from "./published.mjs";

const proto = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../proto");
const list_missing = process.argv.includes("--list");

/** Our own descriptors, as protoc reads them. Packages of ours (godwit.*) and gRPC's own services are not of the contract. */
function our_files() {
  const names = fs.readdirSync(proto, { recursive: true }).filter((name) => name.endsWith(".proto") && !/^(godwit|grpc)\//.test(name));
  const out = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "contract-")), "set");
  execFileSync("protoc", [`-I${proto}`, "--include_imports", `--descriptor_set_out=${out}`, ...names]);
  const set = protobuf.fromBinary(wkt.FileDescriptorSetSchema, fs.readFileSync(out));
  fs.rmSync(path.dirname(out), { recursive: true });
  const registry = protobuf.createFileRegistry(set);
  return new Map(names.map((name) => [name, registry.getFile(name)]));
}

/** overlay.txt: "message.field" -> what is said of it. */
function overlay() {
  const named = new Map();
  for (const line of fs.readFileSync(path.join(proto, "overlay.txt"), "utf8").split("\n")) {
    const words = line.replace(/#.*/, "").trim().split(/\s+/);
    if (words[0] === "add") named.set(`${words[1]}.${words[3]}`, "added");
    if (words[0] === "rule") named.set(words[1], "rule");
  }
  return named;
}

/** A descriptor's types and options by name, over all files. */
function index(files) {
  const all = new Map();
  const add = (type) => {
    all.set(type.typeName, type);
    if (type.kind !== "message") return;
    type.nestedMessages.forEach(add);
    type.nestedEnums.forEach(add);
  };
  for (const file of files.values()) {
    [...file.messages, ...file.enums, ...file.services].forEach(add);
    file.extensions.forEach((e) => all.set("extension " + e.typeName, e));
  }
  return all;
}

function type_of(field) {
  const value = field.message?.typeName ?? field.enum?.typeName ?? protobuf.ScalarType[field.scalar];
  return field.fieldKind === "map" ? `map<${protobuf.ScalarType[field.mapKey]}, ${value}>` : field.fieldKind === "list" ? `repeated ${value}` : value;
}

/** An option in a form that compares: JSON, by the published definition of it. */
function option(descriptor, name, extensions) {
  const extension = extensions.get("extension " + name);
  const options = descriptor.proto.options;
  if (!options || !extension || options.$typeName !== extension.extendee.typeName || !protobuf.hasOption(descriptor, extension)) return "";
  const value = protobuf.getOption(descriptor, extension);
  return extension.message && extension.fieldKind !== "list" ? JSON.stringify(protobuf.toJson(extension.message, value)) : JSON.stringify(value);
}

const theirs = index(await published_files());
const ours = index(our_files());
const named = overlay();
const differences = [];
const differ = (where, what, mine, published) => differences.push(`${where}: ${what} is ${mine || "nothing"}, published ${published || "nothing"}`);

function compare_options(mine, published, where, names) {
  for (const name of names) {
    const a = option(mine, name, ours), b = option(published, name, theirs);
    if (a !== b && !(name === "validate.rules" && named.get(where) === "rule")) differ(where, name, a, b);
  }
}

function compare_fields(mine, published) {
  for (const field of mine.fields) {
    const where = `${mine.typeName}.${field.name}`;
    if (named.get(where) === "added" && field.number >= 10000) continue;
    const other = published.fields.find((f) => f.number === field.number);
    if (!other) {
      differ(where, "its number", field.number, "");
      continue;
    }
    for (const [what, of] of [
      ["name", (f) => f.name], ["JSON name", (f) => f.jsonName], ["type", type_of], ["oneof", (f) => f.oneof?.name ?? ""],
      ["presence", (f) => (f.proto.proto3Optional ? "optional" : "")], ["deprecated", (f) => f.deprecated],
    ]) {
      if (of(field) !== of(other)) differ(where, what, of(field), of(other));
    }
    compare_options(field, other, where, ["validate.rules", "google.api.field_behavior"]);
  }
  // validate.proto is cut down to the rules in use; all other messages are whole.
  if (mine.typeName.startsWith("validate.")) return;
  for (const field of published.fields) {
    if (!mine.fields.some((f) => f.number === field.number)) differ(`${mine.typeName}.${field.name}`, "it", "missing", field.number);
  }
  for (const oneof of mine.oneofs) {
    compare_options(oneof, published.oneofs.find((o) => o.name === oneof.name), `${mine.typeName}.${oneof.name}`, ["validate.required"]);
  }
}

function compare_methods(mine, published) {
  for (const method of mine.methods) {
    const where = `${mine.typeName}/${method.name}`;
    const other = published.methods.find((m) => m.name === method.name);
    if (!other) {
      differ(where, "it", "declared", "");
      continue;
    }
    for (const [what, of] of [["request", (m) => m.input.typeName], ["response", (m) => m.output.typeName], ["kind", (m) => m.methodKind]]) {
      if (of(method) !== of(other)) differ(where, what, of(method), of(other));
    }
    compare_options(method, other, where, ["google.api.http", "zitadel.v1.auth_option", "zitadel.protoc_gen_zitadel.v2.options"]);
  }
}

for (const [name, mine] of ours) {
  const published = theirs.get(name);
  if (!published) {
    differ(name, "it", "declared", "");
  } else if (mine.file.name !== published.file.name) {
    differ(name, "its file", mine.file.name, published.file.name);
  } else if (mine.kind === "message") {
    compare_fields(mine, published);
  } else if (mine.kind === "enum") {
    const values = (type) => type.values.map((v) => `${v.name}=${v.number}`).join(" ");
    if (values(mine) !== values(published)) differ(name, "its values", values(mine), values(published));
  } else if (mine.kind === "service") {
    compare_methods(mine, published);
  } else if (mine.number !== published.number) {
    differ(name, "its number", mine.number, published.number);
  }
}

// implemented.txt and what was written from it must agree.
const wanted = new Set(fs.readFileSync(path.join(proto, "implemented.txt"), "utf8").split("\n")
  .map((line) => line.replace(/#.*/, "").trim()).filter((line) => line.includes("/")));
const declared = new Set([...ours.values()].filter((t) => t.kind === "service").flatMap((s) => s.methods.map((m) => `${s.typeName}/${m.name}`)));
for (const name of wanted) if (!declared.has(name)) differ(name, "it", "only in implemented.txt (run tools/make_proto.mjs)", "");
for (const name of declared) if (!wanted.has(name)) differ(name, "it", "not in implemented.txt", "");

let implemented = 0, all = 0;
for (const [name, service] of theirs) {
  if (service.kind !== "service") continue;
  const has = new Set(ours.get(name)?.methods.map((m) => m.name) ?? []);
  const missing = service.methods.filter((m) => !has.has(m.name)).map((m) => m.name);
  implemented += has.size;
  all += service.methods.length;
  console.log(`${name}: ${has.size} of ${service.methods.length}`);
  if (list_missing) missing.forEach((m) => console.log(`  - ${m}`));
}
console.log(`declared ${implemented} of ${all} RPCs; ${ours.size} types and extensions compared, ${differences.length} differences`);
differences.forEach((line) => console.error(`DIFFERS ${line}`));
process.exit(differences.length ? 1 : 0);
