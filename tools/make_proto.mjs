#!/usr/bin/env node
// Writes proto/: the RPCs of proto/implemented.txt and every message they need, from the published descriptors, with
// our own additions of proto/overlay.txt. Declaring one more RPC is one line in implemented.txt and a run of this.
//
//   (cd tests/contract && npm ci) && tools/make_proto.mjs
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { protobuf, published_files, reflect } from "../tests/contract/published.mjs";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const out_folder = path.join(root, "proto");
const version = JSON.parse(fs.readFileSync(path.join(root, "tests/contract/package.json"))).devDependencies["@zitadel/proto"];

/** The options we keep; what the package says for its own documentation (openapiv2) stays out. */
const kept_options = [
  "google.api.http", "google.api.field_behavior", "zitadel.v1.auth_option", "zitadel.protoc_gen_zitadel.v2.options",
  "validate.rules", "validate.required", "validate.disabled", "validate.ignored",
];
const licences = { "google/": "Apache-2.0", "validate/": "Apache-2.0", "zitadel/": "MIT" };

const files = await published_files();
const types = new Map();  // message, enum and service by full name
const extensions = new Map();
for (const file of files.values()) {
  const add = (message) => {
    types.set(message.typeName, message);
    message.nestedMessages.forEach(add);
    message.nestedEnums.forEach((e) => types.set(e.typeName, e));
    message.nestedExtensions.forEach((e) => extensions.set(e.typeName, e));
  };
  file.messages.forEach(add);
  file.enums.forEach((e) => types.set(e.typeName, e));
  file.services.forEach((s) => types.set(s.typeName, s));
  file.extensions.forEach((e) => extensions.set(e.typeName, e));
}

function lines_of(name) {
  const text = fs.readFileSync(path.join(out_folder, name), "utf8");
  return text.split("\n").map((line) => line.replace(/#.*/, "").trim()).filter(Boolean);
}

/** implemented.txt: service name -> names of its RPCs; a line without "/" names a message that no RPC refers to. */
function read_implemented() {
  const rpcs = new Map();
  for (const line of lines_of("implemented.txt")) {
    if (types.get(line)?.kind === "message") {
      loose_messages.push(types.get(line));
      continue;
    }
    const [service, rpc] = line.split("/");
    if (!types.get(service)?.methods?.some((m) => m.name === rpc)) throw new Error(`implemented.txt: the contract has no ${line}`);
    if (!rpcs.has(service)) rpcs.set(service, new Set());
    if (rpcs.get(service).has(rpc)) throw new Error(`implemented.txt: ${line} stands there twice`);
    rpcs.get(service).add(rpc);
  }
  return rpcs;
}

/** overlay.txt: fields to add by message, string rules to replace by field. */
function read_overlay() {
  const added = new Map(), rules = new Map();
  for (const line of lines_of("overlay.txt")) {
    const [verb, name, ...rest] = line.split(/\s+/);
    if (verb === "add" && types.has(name) && rest.length === 3 && Number(rest[2]) >= 10000) {
      if (!added.has(name)) added.set(name, []);
      added.get(name).push({ type: rest[0], name: rest[1], number: Number(rest[2]) });
    } else if (verb === "rule" && rest.length === 2) {
      rules.set(name, { rule: rest[0].replace(/_(.)/g, (_, c) => c.toUpperCase()), value: BigInt(rest[1]) });
    } else {
      throw new Error(`overlay.txt: cannot read "${line}"`);
    }
  }
  return { added, rules };
}

const loose_messages = [];
const implemented = read_implemented();
const overlay = read_overlay();
const needed = new Set();         // full names of top-level messages and enums to write
const used_rules = new Set();     // "validate.StringRules.min_len": only these are declared
const used_extensions = new Set();

function outermost(type) {
  return type.parent ? outermost(type.parent) : type;
}

/** Marks a type, what it is nested in, and all it refers to. */
function need(type) {
  if (!type || type.file.name.startsWith("google/protobuf/")) return;
  const top = outermost(type);
  if (needed.has(top.typeName)) return;
  needed.add(top.typeName);
  const visit = (message) => {
    if (message.kind !== "message") return;
    options_of(message);
    message.oneofs.forEach(options_of);
    message.fields.forEach((f) => need_field(message, f));
    message.nestedMessages.forEach(visit);
    message.nestedEnums.forEach((e) => needed.add(e.typeName));
  };
  visit(top);
}

function need_field(message, field) {
  if (message.typeName.startsWith("validate.") && !used_rules.has(`${message.typeName}.${field.name}`)) return;
  need(field.message);
  need(field.enum);
  options_of(field);
}

// Options as protobuf text, for the printer and to learn which rules are in use.

function scalar_text(value, type) {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Uint8Array) return JSON.stringify(String.fromCharCode(...value));
  return String(value);
}

function value_text(field, value) {
  if (field.message) return message_text(field.message, value);
  if (field.enum) return field.enum.value[value].name;
  return scalar_text(value);
}

function message_text(schema, message) {
  const parts = [];
  const reflected = reflect(schema, message);
  for (const field of schema.fields) {
    if (!reflected.isSet(field)) continue;
    used_rules.add(`${schema.typeName}.${field.name}`);
    const value = reflected.get(field);
    const items = field.fieldKind === "list" ? [...value] : [value];
    for (const item of items) {
      const raw = item?.message ?? item;
      const text = field.message ? message_text(field.message, raw) : value_text(field, raw);
      parts.push(field.message ? `${field.name} ${text}` : `${field.name}: ${text}`);
    }
  }
  return parts.length ? `{ ${parts.join(", ")} }` : "{}";
}

/** [[name, text]] of the options we keep on a field, oneof, message or method. */
function options_of(descriptor) {
  const found = [];
  for (const name of kept_options) {
    const extension = extensions.get(name);
    if (descriptor.proto.options === undefined || !extension) continue;
    if (extension.extendee.typeName !== descriptor.proto.options.$typeName) continue;
    if (!protobuf.hasOption(descriptor, extension)) continue;
    const value = protobuf.getOption(descriptor, extension);
    const replaced = descriptor.kind === "field" && overlay.rules.get(`${descriptor.parent.typeName}.${descriptor.name}`);
    if (name === "validate.rules" && replaced) value.type.value[replaced.rule] = replaced.value;
    used_extensions.add(name);
    need(extension.message);
    need(extension.enum);
    const items = extension.fieldKind === "list" ? value : [value];
    for (const item of items) found.push([`(${name})`, value_text(extension, item), extension]);
  }
  return found;
}

// The printer. One instance a file; collects the imports while it prints.

class Printer {
  imports = new Set();
  constructor(file) {
    this.file = file;
  }

  refer(type, scope) {
    if (type.file.name !== this.file.name) this.imports.add(type.file.name + ".proto");
    const package_name = this.file.proto.package;
    if (type.file.proto.package !== package_name || !type.typeName.startsWith(package_name + ".")) return type.typeName;
    const short = type.typeName.slice(package_name.length + 1);
    const first = short.split(".")[0];
    for (let outer = scope; outer; outer = outer.parent) {
      if (type.parent === outer) return type.name;
      const inner = [...outer.nestedMessages, ...outer.nestedEnums].find((n) => n.name === first);
      if (inner && inner.typeName !== type.typeName) return type.typeName;
    }
    return short;
  }

  options(descriptor) {
    return options_of(descriptor).map(([name, text, extension]) => {
      this.imports.add(extension.file.name + ".proto");
      return `${name} = ${text}`;
    });
  }

  field_type(field, scope) {
    if (field.fieldKind === "map") {
      const value = field.message ?? field.enum;
      return `map<${protobuf.ScalarType[field.mapKey].toLowerCase()}, ${value ? this.refer(value, scope) : protobuf.ScalarType[field.scalar].toLowerCase()}>`;
    }
    const type = field.message ?? field.enum;
    return type ? this.refer(type, scope) : protobuf.ScalarType[field.scalar].toLowerCase();
  }

  field(field, scope, indent) {
    const proto2 = this.file.proto.syntax !== "proto3";
    const label = field.fieldKind === "map" ? "" : field.proto.label === 3 ? "repeated "
      : field.proto.label === 2 ? "required " : field.proto.proto3Optional || (proto2 && !field.oneof) ? "optional " : "";
    const options = this.options(field);
    if (field.proto.options?.deprecated) options.push("deprecated = true");
    if (Object.hasOwn(field.proto.options ?? {}, "packed") && !field.proto.options.packed) options.push("packed = false");
    if (field.kind !== "extension" && field.jsonName !== default_json_name(field.name)) options.push(`json_name = ${JSON.stringify(field.jsonName)}`);
    const tail = options.length ? ` [${options.join(", ")}]` : "";
    return `${indent}${label}${this.field_type(field, scope)} ${field.name} = ${field.number}${tail};\n`;
  }

  enumeration(type, indent) {
    let text = `${indent}enum ${type.name} {\n`;
    if (type.proto.options?.allowAlias) text += `${indent}  option allow_alias = true;\n`;
    for (const value of type.values) {
      text += `${indent}  ${value.name} = ${value.number}${value.proto.options?.deprecated ? " [deprecated = true]" : ""};\n`;
    }
    return text + `${indent}}\n`;
  }

  message(type, indent = "") {
    const inner = indent + "  ";
    let text = `${indent}message ${type.name} {\n`;
    for (const option of this.options(type)) text += `${inner}option ${option};\n`;
    for (const nested of type.nestedEnums) text += this.enumeration(nested, inner);
    for (const nested of type.nestedMessages) text += this.message(nested, inner);
    const fields = type.fields.filter((f) => !type.typeName.startsWith("validate.") || used_rules.has(`${type.typeName}.${f.name}`));
    const done = new Set();
    for (const field of fields) {
      if (!field.oneof) {
        text += this.field(field, type, inner);
      } else if (!done.has(field.oneof)) {
        done.add(field.oneof);
        text += `${inner}oneof ${field.oneof.name} {\n`;
        for (const option of this.options(field.oneof)) text += `${inner}  option ${option};\n`;
        for (const member of fields.filter((f) => f.oneof === field.oneof)) text += this.field(member, type, inner + "  ");
        text += `${inner}}\n`;
      }
    }
    for (const ours of overlay.added.get(type.typeName) ?? []) {
      const wkt = /^google\.protobuf\.(\w+)$/.exec(ours.type);
      if (wkt) this.imports.add(`google/protobuf/${wkt[1].toLowerCase()}.proto`);
      text += `${inner}${ours.type} ${ours.name} = ${ours.number};\n`;
    }
    return text === `${indent}message ${type.name} {\n` ? `${indent}message ${type.name} {}\n` : text + `${indent}}\n`;
  }

  service(service, wanted) {
    let text = `service ${service.name} {\n`;
    for (const method of service.methods.filter((m) => wanted.has(m.name))) {
      const stream = (is) => (is ? "stream " : "");
      text += `  rpc ${method.name}(${stream(method.proto.clientStreaming)}${this.refer(method.input)}) returns (${stream(method.proto.serverStreaming)}${this.refer(method.output)})`;
      const options = this.options(method);
      if (method.proto.options?.deprecated) options.push("deprecated = true");
      text += options.length ? ` {\n${options.map((o) => `    option ${o};\n`).join("")}  }\n` : ";\n";
    }
    return text + "}\n";
  }

  extension(extension) {
    this.imports.add(extension.extendee.file.name + ".proto");
    return `extend ${extension.extendee.typeName} {\n${this.field(extension, undefined, "  ")}}\n`;
  }

  print() {
    const parts = [];
    for (const service of this.file.services) {
      if (implemented.has(service.typeName)) parts.push(this.service(service, implemented.get(service.typeName)));
    }
    for (const type of this.file.enums) if (needed.has(type.typeName)) parts.push(this.enumeration(type, ""));
    for (const type of this.file.messages) if (needed.has(type.typeName)) parts.push(this.message(type));
    for (const extension of this.file.extensions) if (used_extensions.has(extension.typeName)) parts.push(this.extension(extension));
    if (!parts.length) return null;
    const licence = Object.entries(licences).find(([prefix]) => this.file.name.startsWith(prefix))[1];
    const head = `// Written by tools/make_proto.mjs from the published contract (@zitadel/proto ${version}, ${licence}); see proto/README.md.\n\n` +
      `syntax = "${this.file.proto.syntax || "proto2"}";\n\npackage ${this.file.proto.package};\n\n`;
    const imports = [...this.imports].sort().map((name) => `import "${name}";\n`).join("");
    return head + imports + (imports ? "\n" : "") + parts.join("\n");
  }
}

function default_json_name(name) {
  return name.replace(/_+(.)/g, (_, c) => c.toUpperCase());
}

for (const [service, rpcs] of implemented) {
  for (const method of types.get(service).methods.filter((m) => rpcs.has(m.name))) {
    need(method.input);
    need(method.output);
    options_of(method);
  }
}
loose_messages.forEach(need);
// Which validation rules are in use is known only when all else has been visited; their own types follow now.
needed.delete("validate.FieldRules");
for (let before = -1; before !== needed.size;) {
  before = needed.size;
  for (const name of [...needed]) if (name.startsWith("validate.")) types.get(name).fields.forEach((f) => need_field(types.get(name), f));
  need(types.get("validate.FieldRules"));
}

const written = new Set();
for (const [name, file] of files) {
  if (name.startsWith("google/protobuf/")) continue;
  const text = new Printer(file).print();
  if (!text) continue;
  const target = path.join(out_folder, name);
  written.add(target);
  // An unchanged file keeps its time: what includes its header is not compiled again.
  if (fs.existsSync(target) && fs.readFileSync(target, "utf8") === text) continue;
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, text);
}
for (const folder of Object.keys(licences)) {
  for (const entry of fs.readdirSync(path.join(out_folder, folder), { recursive: true })) {
    const file = path.join(out_folder, folder, entry);
    if (file.endsWith(".proto") && !written.has(file)) fs.rmSync(file);
  }
}
const count = [...implemented.values()].reduce((sum, rpcs) => sum + rpcs.size, 0);
console.log(`${count} RPCs, ${needed.size} types, ${written.size} files`);
