// The report as one page: numbers, bars as SVG, the sentences of the codes. No script, nothing loaded from elsewhere.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/html.h"
#include "base/time.h"
#include "migration/codes.h"
#include "migration/engine/report.h"

namespace godwit::migration {
namespace {

using Rows = std::vector<std::pair<std::string, std::uint64_t>>;

constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2128}"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ddd}td.n{text-align:right}"
    "svg text{font:13px "
    "system-ui,sans-serif;fill:#1c2128}.failed{fill:#b3261e}.partial{fill:#b26a00}.skipped{fill:#8a919c}.created,.bar{fill:#1f6feb}"
    ".updated{fill:#0b7a75}";

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number) {
    std::string out = std::to_string(number);
    for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
    return out;
}

/// A bar for each row, the longest over the whole width; its class gives the colour.
std::string bars(const Rows& rows, bool colour_by_name) {
    constexpr int kLabel = 190, kWidth = 480, kHeight = 24;
    std::uint64_t most = 1;
    for (const auto& [name, n] : rows) most = std::max(most, n);
    std::string out = "<svg role=\"img\" width=\"100%\" viewBox=\"0 0 " + std::to_string(kLabel + kWidth + 110) + " " +
                      std::to_string(kHeight * static_cast<int>(rows.size())) + "\">";
    int y = 0;
    for (const auto& [name, n] : rows) {
        const int width = static_cast<int>(static_cast<double>(n) / static_cast<double>(most) * kWidth);
        out += "<text x=\"0\" y=\"" + std::to_string(y + 16) + "\">" + html_escape(name) + "</text><rect x=\"" + std::to_string(kLabel) +
               "\" y=\"" + std::to_string(y + 4) + "\" height=\"14\" width=\"" + std::to_string(n > 0 ? std::max(width, 1) : 0) +
               "\" class=\"" + (colour_by_name ? html_escape(name) : "bar") + "\"/><text x=\"" + std::to_string(kLabel + width + 8) +
               "\" y=\"" + std::to_string(y + 16) + "\">" + grouped(n) + "</text>";
        y += kHeight;
    }
    return out + "</svg>";
}

template <class Map>
Rows sorted(const Map& counts) {
    Rows rows(counts.begin(), counts.end());
    std::ranges::sort(rows, [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    return rows;
}

std::string row(std::string_view name, std::string_view value) {
    return "<tr><th>" + html_escape(name) + "</th><td>" + html_escape(value) + "</td></tr>";
}

std::string codes_table(const Rows& rows) {
    std::string out = "<table><tr><th>code</th><th>records</th><th>what it means</th></tr>";
    for (const auto& [name, n] : rows) {
        const Code* const code = find_code(name);
        out += "<tr><td><code>" + html_escape(name) + "</code></td><td class=\"n\">" + grouped(n) + "</td><td>" +
               html_escape(code ? code->sentence : "") + "</td></tr>";
    }
    return out + "</table>";
}

}  // namespace

std::string report_page(const v1::Job& job) {
    const v1::Counters& c = job.counters();
    const auto time = [](const google::protobuf::Timestamp& at) { return to_rfc3339({at.seconds() * 1'000'000}); };
    std::string out =
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>Migration " +
        html_escape(job.id()) + "</title><style>" + std::string(kStyle) + "</style><h1>" +
        (job.options().dry_run() ? "Rehearsal of the migration from " : "Migration from ") + html_escape(job.source()) + "</h1><table>";
    out += row("job", job.id()) + row("read by", job.kind()) + row("organization", job.org_id()) + row("begun", time(job.created_at())) +
           row("last change", time(job.changed_at())) + row("records", grouped(c.records()));
    if (job.milliseconds() > 0)
        out += row("records a second", grouped(c.records() * 1000 / std::max<std::uint64_t>(1, job.milliseconds())));
    if (!job.error().empty()) out += row("ended because", job.error());
    out += "</table><h2>What became of the records</h2>" + bars({{"created", c.created()},
                                                                 {"updated", c.updated()},
                                                                 {"skipped", c.skipped()},
                                                                 {"partial", c.partial()},
                                                                 {"failed", c.failed()}},
                                                                true);
    if (c.hash_schemes_size() > 0) out += "<h2>Password hashes that came</h2>" + bars(sorted(c.hash_schemes()), false);
    if (c.factors_size() > 0) out += "<h2>Other ways to sign in that came</h2>" + bars(sorted(c.factors()), false);
    if (c.codes_size() > 0) out += "<h2>What was noticed</h2>" + codes_table(sorted(c.codes()));
    return out + "</html>\n";
}

}  // namespace godwit::migration
