#include "migration/engine/name_template.h"

namespace godwit::migration {

Result<std::string> fill_template(std::string_view text, const std::map<std::string, std::string>& values) {
    std::string out;
    while (!text.empty()) {
        if (text.starts_with("{{")) {
            out += '{';
            text.remove_prefix(2);
            continue;
        }
        if (text.front() != '{') {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        const auto end = text.find('}');
        if (end == std::string_view::npos) return fail(Code::invalid_argument, "MIGRATE-Tpl01", "the template has a { that is not closed");
        const auto value = values.find(std::string(text.substr(1, end - 1)));
        if (value == values.end()) {
            std::string known;
            for (const auto& [name, _] : values) known += " {" + name + "}";
            return fail(Code::invalid_argument, "MIGRATE-Tpl01",
                        "the template names " + std::string(text.substr(0, end + 1)) + "; here there are" + known);
        }
        out += value->second;
        text.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace godwit::migration
