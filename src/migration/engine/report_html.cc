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

/// Of a bar that stands for somebody, in thousandths.
constexpr std::uint64_t kThinnest = 2;

using Rows = std::vector<std::pair<std::string, std::uint64_t>>;

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark;--text:#1c2128;--page:#fff;--line:#ddd;--failed:#b3261e;--partial:#b26a00;--skipped:#8a919c;"
    "--created:#1f6feb;--updated:#0b7a75}"
    "@media(prefers-color-scheme:dark){:root{--text:#e6e8eb;--page:#16191d;--line:#3a4048;--failed:#f2736b;--partial:#e0a040;"
    "--created:#6ea8ff;--updated:#4fc3bc}}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:var(--text);background:var(--page)}"
    "h1{font-size:1.6rem}h1,td.said{overflow-wrap:anywhere}code{font-size:.85em}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:"
    "collapse;width:100%}"
    "td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line)}"
    "td.n{text-align:right}td.n,th.name{white-space:nowrap}td.plot{width:60%;min-width:6rem;vertical-align:middle}svg{display:block}"
    ".failed{fill:var(--failed)}.partial{fill:var(--partial)}.skipped{fill:var(--skipped)}.created,.bar{fill:var(--created)}"
    ".updated{fill:var(--updated)}";

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number) {
    std::string out = std::to_string(number);
    for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, 1, ',');
    return out;
}

/// A bar for each row, the longest over the whole width; its class gives the colour.
std::string bars(const Rows& rows, bool colour_by_name) {
    std::uint64_t most = 1;
    for (const auto& [name, n] : rows) most = std::max(most, n);
    std::string out = "<table>";
    for (const auto& [name, n] : rows) {
        const auto width = static_cast<std::uint64_t>(static_cast<double>(n) / static_cast<double>(most) * 1000);
        const std::string label = html_escape(name);
        out.append("<tr><th class=\"name\">").append(label).append("</th><td class=\"n\">").append(grouped(n));
        out.append("</td><td class=\"plot\"><svg aria-hidden=\"true\" width=\"100%\" height=\"14\" viewBox=\"0 0 1000 14\" ");
        out.append("preserveAspectRatio=\"none\"><rect height=\"14\" width=\"")
            .append(std::to_string(n > 0 ? std::max(width, kThinnest) : 0));
        out.append("\" class=\"").append(colour_by_name ? std::string_view(label) : "bar").append("\"/></svg></td></tr>");
    }
    return out.append("</table>");
}

template <class Map>
Rows sorted(const Map& counts) {
    Rows rows(counts.begin(), counts.end());
    std::ranges::sort(rows, [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    return rows;
}

std::string row(std::string_view name, std::string_view value) {
    return "<tr><th>" + html_escape(name) + "</th><td class=\"said\">" + html_escape(value) + "</td></tr>";
}

std::string codes_table(const Rows& rows) {
    std::string out = "<table><tr><th>code</th><th>records</th><th>what it means</th></tr>";
    for (const auto& [name, n] : rows) {
        const Code* const code = find_code(name);
        out += "<tr><td><code>" + html_escape(name) + "</code></td><td class=\"n\">" + grouped(n) + "</td><td class=\"said\">" +
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
        "content=\"width=device-width\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\"><title>Migration " +
        html_escape(job.id()) + "</title><style>" + std::string(kStyle) + "</style><h1>" +
        (job.options().dry_run() ? "Rehearsal of the migration from " : "Migration from ") + html_escape(job.source()) + "</h1><table>";
    out += row("job", job.id()) + row("state", state_name(job.state())) + row("read by", job.kind()) + row("organization", job.org_id()) +
           row("begun", time(job.created_at())) + row("last change", time(job.changed_at())) + row("records", grouped(c.records()));
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
