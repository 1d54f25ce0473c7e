// simdjson, with buffers that are used again by the thread's next document: making and overwriting them costs more than to parse a small
// one.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace godwit {

/// One document at a time. What its strings were is overwritten when it ends: passwords are among them. One thread.
class JsonParser {
public:
    /// Takes the buffers that an earlier parser of this thread has left, or makes some.
    JsonParser();
    ~JsonParser();
    JsonParser(JsonParser&& other) noexcept = default;
    JsonParser& operator=(JsonParser&& other) noexcept {
        std::swap(parser_, other.parser_);
        std::swap(used_, other.used_);
        return *this;
    }

    /// RFC 8259, at most kJsonDepth levels. `root` lives as long as the parser, and until it parses again; `json` may go.
    simdjson::error_code parse(std::string_view json, simdjson::dom::element& root);
    /// The same of what must be an object: INCORRECT_TYPE when it is something else.
    simdjson::error_code parse_object(std::string_view json, simdjson::dom::object& object);
    /// As parse without a copy that adds the padding: kJsonPadding bytes behind the text must be readable.
    simdjson::error_code parse_padded(std::string_view json, simdjson::dom::element& root);

private:
    void wipe();

    std::unique_ptr<simdjson::dom::parser> parser_;
    std::size_t used_ = 0;  ///< bytes of the text that was parsed
};

}  // namespace godwit
