#include "migration/input/glimpse.h"

#include "base/text.h"
#include "migration/input/json_fields.h"

namespace godwit::migration {
namespace {

/// Beyond so many members nothing names a record.
constexpr std::size_t kMostMembers = 1'000;

class Scan {
public:
    explicit Scan(std::string_view text) : text_(text) {}

    /// True when the object was read to its end.
    bool members(std::vector<std::pair<std::string_view, std::string_view>>& out) {
        do skip_space();
        while (take('['));
        if (!take('{')) return false;
        skip_space();
        if (take('}')) return true;
        while (out.size() < kMostMembers) {
            const std::string_view name = value();
            if (name.size() < 2 || name.front() != '"' || !take(':')) return false;
            out.emplace_back(name.substr(1, name.size() - 2), value());
            if (take('}')) return true;
            if (!take(',')) return false;
        }
        return false;
    }

private:
    bool take(char c) {
        const bool there = at_ < text_.size() && text_[at_] == c;
        at_ += there ? 1 : 0;
        return there;
    }
    void skip_space() {
        while (at_ < text_.size() && is_ascii_space(text_[at_])) ++at_;
    }
    void skip_string() {
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '"') {
                ++at_;
                return;
            }
            if (text_[at_] == '\\') ++at_;
        }
        at_ = text_.size();
    }
    /// Of whatever kind, with the space around it; "" where none stands.
    std::string_view value() {
        skip_space();
        const std::size_t begin = at_;
        std::size_t depth = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            const bool closes = c == '}' || c == ']';
            if (depth == 0 && (closes || c == ',' || c == ':')) break;
            if (c == '"') {
                skip_string();
            } else {
                ++at_;
            }
            if (c == '{' || c == '[') ++depth;
            if (closes) --depth;
            if (depth == 0 && (closes || c == '"')) break;
        }
        const std::string_view found = trim(text_.substr(begin, at_ - begin));
        const bool cut_number = at_ == text_.size() && !found.empty() && (is_ascii_digit(found.front()) || found.front() == '-');
        skip_space();
        return cut_number ? std::string_view() : found;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Glimpse::Glimpse(std::string_view json) : whole_(Scan(json).members(members_)) {}

std::optional<std::string_view> Glimpse::find(std::string_view name) const {
    for (const auto& [known, value] : members_)
        if (known == name) return value;
    return std::nullopt;
}

std::optional<std::string> Glimpse::text(std::initializer_list<Spellings> names) const {
    for (const Spellings& spellings : names) {
        bool there = false;
        for (const std::string_view name : spellings) {
            const auto found = find(name);
            if (!found || *found == "null" || *found == "\"\"") {
                there = there || found;
                continue;
            }
            const auto value = JsonText::parse(*found);
            std::string_view text;
            if (value && value->root().get(text) == simdjson::SUCCESS) return std::string(text);
            if (value && (value->root().is_int64() || value->root().is_uint64())) return to_text(value->root());
            return std::nullopt;
        }
        if (!there && !whole_) return std::nullopt;
    }
    return std::string();
}

}  // namespace godwit::migration
