#include "base/json_parser.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "base/json_limits.h"

namespace godwit {
namespace {

using simdjson::dom::parser;

static_assert(kJsonPadding >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t kKeptCapacity = 1u << 20;  ///< those of a giant are given back
constexpr std::size_t kKept = 4;                 ///< documents that one thread has open at a time, as a rule

std::vector<std::unique_ptr<parser>>& spare() {
    thread_local std::vector<std::unique_ptr<parser>> parsers;
    return parsers;
}

}  // namespace

JsonParser::JsonParser() {
    if (!spare().empty()) {
        parser_ = std::move(spare().back());
        spare().pop_back();
        return;
    }
    parser_ = std::make_unique<parser>();
    // simdjson counts the scalar inside the innermost level too.
    if (parser_->allocate(4096, kJsonDepth + 1) != simdjson::SUCCESS) throw std::bad_alloc();
}

JsonParser::~JsonParser() {
    if (!parser_) return;
    wipe();
    if (spare().size() < kKept && parser_->capacity() <= kKeptCapacity) spare().push_back(std::move(parser_));
}

simdjson::error_code JsonParser::parse(std::string_view json, simdjson::dom::element& root) {
    // simdjson would make a copy too, and keep it.
    const simdjson::padded_string copy(json);
    return parse_padded({copy.data(), copy.size()}, root);
}

simdjson::error_code JsonParser::parse_object(std::string_view json, simdjson::dom::object& object) {
    simdjson::dom::element root;
    const auto failed = parse(json, root);
    return failed != simdjson::SUCCESS ? failed : root.get(object);
}

simdjson::error_code JsonParser::parse_padded(std::string_view json, simdjson::dom::element& root) {
    wipe();
    used_ = json.size();
    return parser_->parse(json.data(), json.size(), false).get(root);
}

void JsonParser::wipe() {
    if (!parser_->doc.string_buf || used_ == 0) return;
    // What simdjson reserves for a text of that length; the strings of JSON are no longer than their text, and have a length each.
    explicit_bzero(parser_->doc.string_buf.get(), 5 * std::min(used_, parser_->doc.capacity()) / 3 + simdjson::SIMDJSON_PADDING);
    used_ = 0;
}

}  // namespace godwit
