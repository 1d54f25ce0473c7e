#include "credentials/password/arguments.h"

#include "base/encoding.h"
#include "credentials/password/scheme.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

std::unexpected<Error> bad_parameter(std::string_view name, std::string_view what) {
    return refused("the parameter '" + std::string(name.substr(0, 100)) + "' " + std::string(what));
}

}  // namespace

Result<Arguments> Arguments::from(const std::map<std::string, std::string>& parameters) {
    Arguments out;
    for (const auto& [name, value] : parameters) {
        if (!out.values_.emplace(normalised_name(name), value).second) return bad_parameter(name, "is given twice");
    }
    return out;
}

std::optional<std::string> Arguments::take(std::string_view name) {
    const auto node = values_.extract(normalised_name(name));
    return node.empty() ? std::nullopt : std::optional(node.mapped());
}

Result<std::string> Arguments::required(std::string_view name) {
    if (auto value = take(name)) return std::move(*value);
    return bad_parameter(name, "is missing");
}

Result<std::uint64_t> Arguments::number(std::string_view name, std::optional<std::uint64_t> otherwise) {
    const auto text = take(name);
    if (!text && otherwise) return *otherwise;
    if (!text) return bad_parameter(name, "is missing");
    const auto value = parse_number(*text);
    if (!value) return bad_parameter(name, "is not a whole number");
    return *value;
}

Result<std::string> Arguments::choice(std::string_view name, std::initializer_list<std::string_view> choices) {
    const auto text = take(name);
    if (!text) return std::string(*choices.begin());
    std::string list;
    for (const auto allowed : choices) {
        if (normalised_name(*text) == normalised_name(allowed)) return std::string(allowed);
        list += (list.empty() ? "" : ", ") + std::string(allowed);
    }
    return bad_parameter(name, "is one of " + list);
}

Result<std::string> Arguments::bytes(std::string_view name) {
    const std::string encoding = TRY(choice(std::string(name) + "Encoding", {"utf8", "hex", "base64"}));
    const std::string text = take(name).value_or("");
    if (encoding == "utf8") return text;
    const auto decoded = encoding == "hex" ? hex_decode(text) : decode_base64_any(text);
    if (!decoded) return bad_parameter(name, "is not " + encoding);
    return *decoded;
}

Result<void> Arguments::finish() const {
    if (values_.empty()) return {};
    return bad_parameter(values_.begin()->first, "has no meaning here");
}

}  // namespace godwit::password
