// An inspection for people and for programs.
#include <algorithm>
#include <cstdio>

#include "base/encoding.h"
#include "base/json.h"
#include "migration/codes.h"
#include "migration/inspect/inspection.h"

namespace godwit::migration {
namespace {

struct Section {
    const char* title;
    const char* name;
    Tally Inspection::* tally;
    std::size_t shown;  ///< lines in the text
};

constexpr Section kSections[] = {
    {"Organizations", "organizations", &Inspection::organizations, 10},
    {"States", "states", &Inspection::states, 10},
    {"Passwords (by hash scheme)", "passwords", &Inspection::passwords, 30},
    {"Hashes that cannot be checked here", "refusedPasswords", &Inspection::refused_passwords, 10},
    {"Second factors and passkeys (users)", "factors", &Inspection::factors, 10},
    {"E-mail addresses", "emails", &Inspection::emails, 5},
    {"Phone numbers", "phones", &Inspection::phones, 5},
    {"Links to identity providers", "links", &Inspection::links, 20},
    {"Roles", "roles", &Inspection::grants, 20},
    {"Groups", "groups", &Inspection::groups, 20},
    {"Metadata", "metadata", &Inspection::metadata, 20},
};

std::string line(std::uint64_t number, const std::string& name) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%12llu  ", static_cast<unsigned long long>(number));
    return buffer + name + "\n";
}

void append_tally(std::string& out, const Tally& tally, std::size_t shown, bool with_sentences = false) {
    std::uint64_t more = tally.others(), names = 0;
    std::size_t index = 0;
    for (const auto& [name, times] : tally.ranked()) {
        if (index++ >= shown) {
            more += times, ++names;
            continue;
        }
        out += line(times, name);
        const auto* const code = with_sentences ? find_code(name) : nullptr;
        if (code) out += "              " + std::string(code->sentence) + "\n";
    }
    if (more > 0) out += line(more, "of " + std::to_string(names) + (tally.others() > 0 ? " and more" : "") + " other names");
}

std::string json_of(const Tally& tally) {
    JsonObject out;
    for (const auto& [name, times] : tally.ranked()) out.set(name, static_cast<std::int64_t>(times));
    return out.text();
}

/// What comes entirely, what with a note, what not.
void append_codes(std::string& out, const Inspection& inspection, Weight weight, const char* title) {
    Tally chosen;
    for (const auto& [name, times] : inspection.codes.ranked()) {
        const auto* code = find_code(name);
        if (code && code->weight == weight) chosen.add(name, times);
    }
    if (chosen.empty()) return;
    out += std::string("\n") + title + "\n";
    append_tally(out, chosen, 50, true);
}

}  // namespace

std::string to_text(const Inspection& inspection) {
    std::string out = "Source: " + inspection.kind;
    for (const auto& [name, value] : inspection.variables) out += ", " + name + " " + value;
    out += "\n\n" + line(inspection.records, "records") + line(inspection.humans, "people") + line(inspection.machines, "machine users");
    if (inspection.partial > 0) out += line(inspection.partial, "of them would arrive without some part");
    if (inspection.left_out > 0) out += line(inspection.left_out, "left out by the mapping");
    if (inspection.failed > 0) out += line(inspection.failed, "cannot be read as users");
    for (const Section& section : kSections) {
        const Tally& tally = inspection.*section.tally;
        if (tally.empty()) continue;
        out += std::string("\n") + section.title + "\n";
        append_tally(out, tally, section.shown);
    }
    append_codes(out, inspection, Weight::lost, "What will not come, and why (records)");
    if (!inspection.lost.empty()) {
        out += "\nWhere that stands in the source\n";
        append_tally(out, inspection.lost, 30);
    }
    append_codes(out, inspection, Weight::note, "To know (records)");
    if (!inspection.errors.empty()) {
        out += "\nRecords that fail\n";
        append_tally(out, inspection.errors, 20, true);
        for (const auto& [record, example] : inspection.examples) out += "    " + example + "\n";
    }
    if (!inspection.others.empty()) {
        out += "\nAlso in the files; a migration of users leaves it\n";
        for (const auto& [name, count] : inspection.others) out += line(count, name);
    }
    for (const SourceWarning& warning : inspection.warnings) {
        const auto* const code = find_code(warning.code);
        out += std::string("\n") + (code && code->weight == Weight::refused ? "PROBLEM " : "Warning ") + warning.code + ": " +
               warning.message + "\n";
    }
    return out;
}

std::string to_json(const Inspection& inspection) {
    JsonObject out;
    out.set("source", inspection.kind);
    const auto number = [&out](std::string_view name, std::uint64_t value) { out.set(name, static_cast<std::int64_t>(value)); };
    number("records", inspection.records);
    number("humans", inspection.humans);
    number("machines", inspection.machines);
    number("partial", inspection.partial);
    number("leftOut", inspection.left_out);
    number("failed", inspection.failed);
    number("bytes", inspection.bytes);
    for (const Section& section : kSections) out.set_json(section.name, json_of(inspection.*section.tally));
    out.set_json("codes", json_of(inspection.codes));
    out.set_json("lost", json_of(inspection.lost));
    out.set_json("errors", json_of(inspection.errors));
    std::vector<std::string> examples;
    for (const auto& [record, example] : inspection.examples) examples.push_back(example);
    out.set("examples", std::span<const std::string>(examples));
    JsonObject others, variables;
    for (const auto& [name, count] : inspection.others) others.set(name, static_cast<std::int64_t>(count));
    for (const auto& [name, value] : inspection.variables) variables.set(name, value);
    out.set("others", others);
    out.set("variables", variables);
    std::string warnings;
    for (const SourceWarning& warning : inspection.warnings) {
        JsonObject each;
        each.set("code", warning.code);
        each.set("message", warning.message);
        warnings += (warnings.empty() ? "" : ",") + each.text();
    }
    out.set_json("warnings", "[" + warnings + "]");
    return out.text() + "\n";
}

}  // namespace godwit::migration
