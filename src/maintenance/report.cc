#include "maintenance/report.h"

#include <algorithm>

#include "base/encoding.h"

namespace godwit::maintenance {
namespace {

void member(std::string& out, std::string_view key, std::string_view text) {
    append_json_string(out, key);
    out += ':';
    append_json_string(out, text);
}

}  // namespace

void Check::add(std::string where, std::string what) {
    if (++problems_ <= static_cast<std::int64_t>(kMaxKept)) kept_.push_back({std::move(where), std::move(what)});
}

bool Report::clean() const {
    return std::ranges::all_of(checks, [](const Check& check) { return check.problems() == 0; });
}

std::string to_text(const Report& report) {
    std::string out = "engine: " + report.engine + "\n";
    for (const Check& check : report.checks) {
        std::string head(check.name());
        head.resize(std::max<std::size_t>(head.size(), 12), ' ');
        out += (check.problems() == 0 ? "  ok   " : "  BAD  ") + head + std::string(check.question());
        if (check.looked_at() > 0) out += " (" + std::to_string(check.looked_at()) + " looked at)";
        out += "\n";
        if (!check.note().empty()) out += "         note: " + check.note() + "\n";
        for (const Finding& finding : check.kept()) out += "         " + finding.where + ": " + finding.what + "\n";
        if (const auto more = check.problems() - static_cast<std::int64_t>(check.kept().size()); more > 0)
            out += "         … and " + std::to_string(more) + " more\n";
    }
    return out + (report.clean() ? "clean\n" : "NOT clean: see docs/operations.md, \"When the doctor finds something\"\n");
}

std::string to_json(const Report& report) {
    std::string out = "{";
    member(out, "engine", report.engine);
    out += ",\"clean\":" + std::string(report.clean() ? "true" : "false") + ",\"checks\":[";
    for (const Check& check : report.checks) {
        if (&check != report.checks.data()) out += ',';
        out += '{';
        member(out, "name", check.name());
        out += ",\"ok\":" + std::string(check.problems() == 0 ? "true" : "false") + ",\"problems\":" + std::to_string(check.problems()) +
               ",\"lookedAt\":" + std::to_string(check.looked_at()) + ",";
        if (!check.note().empty()) {
            member(out, "note", check.note());
            out += ',';
        }
        out += "\"findings\":[";
        for (const Finding& finding : check.kept()) {
            out += &finding == check.kept().data() ? "{" : ",{";
            member(out, "where", finding.where);
            out += ',';
            member(out, "what", finding.what);
            out += '}';
        }
        out += "]}";
    }
    return out + "]}\n";
}

}  // namespace godwit::maintenance
