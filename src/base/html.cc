#include "base/html.h"

namespace godwit {
namespace {

std::string_view entity_of(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '"':
            return "&#34;";
        case '\'':
            return "&#39;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        default:
            return {};
    }
}

}  // namespace

std::string html_escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (const auto entity = entity_of(c); !entity.empty())
            out += entity;
        else
            out += c;
    }
    return out;
}

}  // namespace godwit
