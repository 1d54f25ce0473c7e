#include "transport/http/message.h"

#include <algorithm>

#include "base/text.h"

namespace godwit::http {

void Headers::add(std::string_view name, std::string_view value) { fields_.emplace_back(to_ascii_lower(name), value); }

void Headers::set(std::string_view name, std::string_view value) {
    remove(name);
    add(name, value);
}

void Headers::remove(std::string_view name) {
    std::erase_if(fields_, [&](const auto& field) { return equals_ignoring_case(field.first, name); });
}

const std::string* Headers::find(std::string_view name) const {
    const auto at = std::ranges::find_if(fields_, [&](const auto& field) { return equals_ignoring_case(field.first, name); });
    return at == fields_.end() ? nullptr : &at->second;
}

std::string_view Headers::get(std::string_view name) const {
    const std::string* value = find(name);
    return value ? std::string_view(*value) : std::string_view();
}

Response text_response(int status, std::string body, std::string_view content_type) {
    Response response{.status = status, .headers = {}, .body = std::move(body), .trailers = {}};
    response.headers.add("content-type", content_type);
    return response;
}

}  // namespace godwit::http
