// The CSV export says with paths what the NDJSON export says with objects.
#include <map>

#include "base/encoding.h"
#include "base/text.h"
#include "migration/input/json_fields.h"
#include "migration/sources/auth0/auth0.h"

namespace godwit::migration {
namespace {

/// Objects by path; the elements of a list have their number for a name.
struct Node {
    std::string value;  ///< JSON; empty: an object or list
    std::map<std::string, Node> members;
    bool list = false;

    std::string text() const {
        if (!value.empty()) return value;
        std::string out(1, list ? '[' : '{');
        for (const auto& [name, node] : members) {
            if (out.size() > 1) out += ',';
            if (!list) out += json_string(name) + ":";
            out += node.text();
        }
        return out + (list ? ']' : '}');
    }
};

/// The dashboard's export names its columns for people.
std::string path_of(std::string_view column) {
    std::string name(column);
    if (name.find(' ') != std::string::npos || (!name.empty() && name[0] >= 'A' && name[0] <= 'Z'))
        name = replace_all(to_ascii_lower(name), " ", "_");
    if (name == "id") return "user_id";
    return name == "connection" || name == "provider" ? "identities[0]." + name : name;
}

Node& at(Node& root, std::string_view path) {
    Node* node = &root;
    for (std::string_view step : split(path, '.')) {
        const std::size_t bracket = step.find('[');
        node = &node->members[std::string(step.substr(0, bracket))];
        if (bracket == std::string_view::npos || !step.ends_with(']')) continue;
        node->list = true;
        node = &node->members[std::string(step.substr(bracket + 1, step.size() - bracket - 2))];
    }
    return *node;
}

std::string json_of(std::string_view cell) {
    const bool quoted = cell.starts_with('\'');
    if (quoted) cell.remove_prefix(1);
    // Lists and objects of metadata are JSON within the cell.
    if ((cell.starts_with('[') || cell.starts_with('{')) && JsonText::parse(cell)) return std::string(cell);
    return json_string(cell);
}

}  // namespace

std::string auth0_row_as_json(const std::vector<std::string>& header, const std::vector<std::string>& row) {
    Node root;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i].empty() || row[i] == "'") continue;
        Node& node = at(root, i < header.size() && !header[i].empty() ? path_of(header[i]) : "column " + std::to_string(i + 1));
        if (node.value.empty() && node.members.empty()) node.value = json_of(row[i]);
    }
    return root.text();
}

}  // namespace godwit::migration
