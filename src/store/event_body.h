// The JSON of an event: what changed. Never a secret.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/encoding.h"

namespace godwit::store {

/// EventBody().add("userName", name).add("verified", true).take(); empty texts are left out.
class EventBody {
public:
    EventBody& add(std::string_view key, std::string_view text) {
        if (text.empty()) return *this;
        name(key);
        append_json_string(out_, text);
        return *this;
    }
    EventBody& add(std::string_view key, const char* text) { return add(key, std::string_view(text)); }
    EventBody& add(std::string_view key, bool flag) {
        name(key);
        out_ += flag ? "true" : "false";
        return *this;
    }
    EventBody& add(std::string_view key, std::int64_t number) {
        name(key);
        out_ += std::to_string(number);
        return *this;
    }
    EventBody& add(std::string_view key, std::span<const std::string> texts) {
        name(key);
        out_ += '[';
        for (const auto& text : texts) {
            if (&text != texts.data()) out_ += ',';
            append_json_string(out_, text);
        }
        out_ += ']';
        return *this;
    }
    EventBody& add(std::string_view key, int number) { return add(key, std::int64_t{number}); }
    std::string take() {
        out_ += out_.empty() ? "{}" : "}";
        return std::move(out_);
    }

private:
    void name(std::string_view key) {
        out_ += out_.empty() ? '{' : ',';
        append_json_string(out_, key);
        out_ += ':';
    }
    std::string out_;
};

}  // namespace godwit::store
