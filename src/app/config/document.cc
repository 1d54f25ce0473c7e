#include "app/config/document.h"

#include <algorithm>
#include <map>
#include <vector>

#include "app/config/settings.h"
#include "base/text.h"

namespace godwit::config {
namespace {

/// A tree of keys in the order they first came; a path of the table may return to a section that was left.
struct Node {
    std::string key;
    std::string value;  ///< of a leaf
    std::vector<Node> children;

    Node& child(std::string_view name) {
        const auto found = std::ranges::find(children, name, &Node::key);
        if (found != children.end()) return *found;
        return children.emplace_back(Node{.key = std::string(name), .value = {}, .children = {}});
    }
};

void print(const Node& node, int depth, std::string& out) {
    for (const Node& child : node.children) {
        out += std::string(static_cast<std::size_t>(2 * depth), ' ') + child.key + ":";
        out += child.children.empty() ? " " + child.value + "\n" : "\n";
        print(child, depth + 1, out);
    }
}

std::string default_of(const Setting& setting) {
    Config defaults;
    const std::string value = write_value(setting.target(defaults));
    return value == "\"\"" || value == "[]" ? "" : "`" + (value.starts_with('"') ? value.substr(1, value.size() - 2) : value) + "`";
}

/// One table for each of these; the longest that fits a path.
constexpr std::string_view kChapters[] = {"TLS",
                                          "Log",
                                          "Database",
                                          "SystemDefaults",
                                          "OIDC",
                                          "DefaultInstance",
                                          "DefaultInstance.LoginPolicy",
                                          "DefaultInstance.SecretGenerators",
                                          "DefaultInstance.LabelPolicy",
                                          "DefaultInstance.PrivacyPolicy",
                                          "FirstInstance",
                                          "Godwit",
                                          "Godwit.Limits",
                                          "Godwit.Idempotency",
                                          "Godwit.RateLimits",
                                          "Godwit.Lanes"};

std::string_view chapter_of(const std::string& path) {
    std::string_view best;
    for (const std::string_view chapter : kChapters)
        if (path.starts_with(std::string(chapter) + ".") && chapter.size() > best.size()) best = chapter;
    return best;
}

constexpr std::string_view kIntroduction = R"(# Configuration

<!-- Generated from src/app/config/settings.cc: GODWIT_WRITE_DOCS=1 build/debug/src/app/config/app_config_test -->

`godwit serve --config FILE --config FILE …` reads YAML files in order, a later one over an earlier; then the environment; then flags.
`--steps FILE` reads `FirstInstance` alone. `godwit config` prints what came out, with secrets masked.

- Keys are ZITADEL's where they mean the same, so an existing file can be used. Case does not matter. Sections that steer what Godwit
  does not have are reported and left aside; so are unknown keys.
- **Environment:** every key is a variable: its path in capitals, joined by `_`, behind `ZITADEL_` or `GODWIT_` (which wins), for example
  `ZITADEL_EXTERNALDOMAIN` or `GODWIT_TLS_KEYPATH`. Keys of the section `Godwit` have that prefix already: `GODWIT_LIMITS_BODYBYTES`.
- **Durations** are written `90s`, `15m`, `1h30m`; **bytes** as a number or with `KiB`, `MiB`, `GiB`; **lists** as YAML lists, or in the
  environment separated by commas; **times** as `2030-01-01T00:00:00Z`.
- **Flags:** `--tlsMode disabled` sets `TLS.Enabled` and `ExternalSecure` to false, `external` only `ExternalSecure` to true, `enabled` both
  to true. `--port` sets `Port`, and `ExternalPort` where nothing else gives one. `--data` sets `Godwit.DataDir`.
- **Database:** without `Database.postgres.Host` or `DSN` the embedded database in the data directory is used.
)";

}  // namespace

std::string effective_yaml(const Config& config) {
    Config copy = config;
    Node root;
    for (const Setting& setting : settings()) {
        Node* node = &root;
        for (const std::string_view part : split(setting.path, '.')) node = &node->child(part);
        node->value = write_value(setting.target(copy));
    }
    std::string out;
    print(root, 0, out);
    return out;
}

std::string reference_markdown() {
    std::vector<std::string> order;
    std::map<std::string, std::string> tables;
    for (const Setting& setting : settings()) {
        Config defaults;
        const std::string chapter(chapter_of(setting.path));
        if (!tables.contains(chapter)) order.push_back(chapter);
        const std::string_view key =
            chapter.empty() ? std::string_view(setting.path) : std::string_view(setting.path).substr(chapter.size() + 1);
        std::string type(type_name(setting.target(defaults)));
        if (!setting.unit.empty()) type += ", " + setting.unit;
        std::string what = setting.what;
        std::vector<std::string> choices;
        for (const std::string_view choice : setting.choices)
            if (!choice.empty()) choices.push_back("`" + std::string(choice) + "`");
        if (!choices.empty()) what += " One of " + join(choices, ", ") + ".";
        tables[chapter] += "| `" + std::string(key) + "` | " + type + " | " + default_of(setting) + " | " + what + " |\n";
    }
    std::string out(kIntroduction);
    for (const std::string& chapter : order)
        out += "\n## " + (chapter.empty() ? "Server" : chapter) +
               "\n\n| Key | Type | Default | What it does |\n| --- | --- | --- | --- |\n" + tables[chapter];
    return out;
}

}  // namespace godwit::config
