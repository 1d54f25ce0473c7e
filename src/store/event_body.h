// The JSON of an event: what changed. Never a secret.
#pragma once

#include <cstddef>
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

/// What else happened in the moment in which something began, told in the row of the event that begins it: one row for a person with all
/// that came along. Only the first event of an aggregate carries others. Read by unfold() of events.h; in the body, as its last member:
///   "also": [[type, body], …], and [type, body, kind, id] of another aggregate, whose log this begins.
class EventTail {
public:
    void add(std::string_view type, std::string_view body) {
        begin(type, body);
        out_ += ']';
        ++size_;
    }
    void add(std::string_view type, std::string_view body, std::string_view aggregate_kind, std::int64_t aggregate_id) {
        begin(type, body);
        out_ += ',';
        append_json_string(out_, aggregate_kind);
        (out_ += ',') += std::to_string(aggregate_id);
        out_ += ']';
    }
    /// Events of the aggregate itself.
    std::size_t size() const { return size_; }
    /// Puts them into the body, and begins anew.
    void append_to(std::string& body) {
        if (!out_.empty()) {
            body.pop_back();
            body.append(body.size() > 1 ? "," : "").append("\"also\":").append(out_).append("]}");
        }
        out_.clear();
        size_ = 0;
    }

private:
    void begin(std::string_view type, std::string_view body) {
        out_ += out_.empty() ? "[[" : ",[";
        append_json_string(out_, type);
        (out_ += ',') += body;
    }
    std::string out_;
    std::size_t size_ = 0;
};

}  // namespace godwit::store
