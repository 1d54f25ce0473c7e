// A mapping applied to one row: the row's canonical record as JSON, which the strict decoder takes.
#include <algorithm>
#include <span>

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "migration/input/json_fields.h"
#include "migration/input/values.h"
#include "migration/sources/godwit/godwit.h"
#include "migration/sources/table/damage.h"
#include "migration/sources/table/mapping.h"
#include "transport/rpc/message_plan.h"

namespace godwit::migration {
namespace {

constexpr std::string_view kYes[] = {"true", "t", "1", "yes", "y", "on", "x"};
constexpr std::string_view kNo[] = {"false", "f", "0", "no", "n", "off"};
/// Without these nobody knows who the record is.
constexpr std::string_view kIdentity[] = {"sourceId", "userId", "userName"};

bool among(std::span<const std::string_view> words, std::string_view word) { return std::ranges::find(words, word) != words.end(); }

std::unexpected<Error> bad(std::string_view path, std::string_view what) {
    return fail(Code::invalid_argument, "record.bad_form", std::string(path) + ": " + std::string(what));
}

}  // namespace

bool Condition::holds(const Row& row) const {
    const auto part = [&row](const Condition& each) { return each.holds(row); };
    switch (test) {
        case Test::all:
            return std::ranges::all_of(parts, part);
        case Test::any:
            return std::ranges::any_of(parts, part);
        case Test::none:
            return std::ranges::none_of(parts, part);
        default:
            break;
    }
    const auto value = row.text(field);
    if (test == Test::empty) return value.has_value() != wanted;
    const auto equal = [&](const std::string& due) { return equals_ignoring_case(value.value_or(""), due); };
    if (test == Test::is) return std::ranges::any_of(values, equal);
    if (test == Test::is_not) return std::ranges::none_of(values, equal);
    return std::ranges::any_of(values, [&](const std::string& due) { return value.value_or("").starts_with(due); });
}

class MappingRun {
public:
    MappingRun(const Mapping& mapping, const Row& row) : mapping_(mapping), row_(row) {}

    Result<v1::UserRecord> run() {
        if (mapping_.skip_ && mapping_.skip_->holds(row_))
            return fail(Code::invalid_argument, "record.skipped", "the mapping leaves it out");
        std::string json = TRY(object(mapping_.record_)).value_or("{}");
        v1::UserRecord record = TRY(map_godwit(json));
        // A flag without what it is about says nothing.
        if (record.phone().number().empty()) record.clear_phone();
        if (record.email().address().empty()) record.clear_email();
        rest(record);
        for (const auto& code : notes_.codes()) note(*record.mutable_origin(), code);
        for (const auto& path : notes_.lost()) record.mutable_origin()->add_lost(path);
        return record;
    }

    /// The first that is filled of what map_godwit() knows a record by.
    std::string id() {
        const auto member = [](const Assignment& of, std::string_view name) -> const Assignment* {
            const auto found = std::ranges::find(of.members, name, &Assignment::name);
            return found == of.members.end() ? nullptr : &*found;
        };
        const Assignment* const email = member(mapping_.record_, "email");
        for (const Assignment* part : {member(mapping_.record_, "sourceId"), member(mapping_.record_, "userId"),
                                       member(mapping_.record_, "userName"), email ? member(*email, "address") : nullptr}) {
            const auto json = part ? value(*part) : Json(std::nullopt);
            if (!json) return {};
            const auto text = *json ? JsonText::parse(**json) : fail(Code::not_found, "", "");
            std::string_view found;
            if (text && text->root().get(found) == simdjson::SUCCESS && !found.empty()) return std::string(found);
        }
        return {};
    }

private:
    using Json = Result<std::optional<std::string>>;

    Json value(const Assignment& assignment) {
        if (assignment.when && !assignment.when->holds(row_)) return std::nullopt;
        switch (assignment.kind) {
            case Assignment::Kind::object:
                return object(assignment);
            case Assignment::Kind::list:
                return list(assignment);
            case Assignment::Kind::leaf:
                break;
        }
        return leaf(assignment);
    }

    Json object(const Assignment& assignment) {
        if (assignment.when && !assignment.when->holds(row_)) return std::nullopt;
        JsonObject out;
        for (const Assignment& member : assignment.members)
            if (auto json = TRY(value(member))) out.set_json(member.name, std::move(*json));
        return out.empty() ? std::nullopt : std::optional(out.text());
    }

    Json list(const Assignment& assignment) {
        std::string out;
        for (const Assignment& element : assignment.elements)
            if (auto json = TRY(value(element))) out += (out.empty() ? "" : ",") + *json;
        return out.empty() ? std::nullopt : std::optional("[" + out + "]");
    }

    Json leaf(const Assignment& assignment) {
        const bool wants_list = assignment.plan && assignment.plan->repeated && !assignment.element;
        if (wants_list || assignment.split != '\0') return many(assignment);
        const bool any_value = assignment.plan && assignment.plan->shape == rpc::Shape::value;
        if (any_value && !assignment.mapped && !assignment.from.empty())
            if (std::string json = row_.json(assignment.from); !json.empty()) return json;
        const auto text = TRY(text_of(assignment));
        return text ? scalar(assignment, *text) : Json(std::nullopt);
    }

    Json many(const Assignment& assignment) {
        std::vector<std::string> items;
        if (auto list = assignment.from.empty() ? std::nullopt : row_.texts(assignment.from)) {
            items = std::move(*list);
        } else if (const auto text = TRY(text_of(assignment, false))) {
            if (assignment.split == '\0') {
                items.push_back(*text);
            } else {
                for (const std::string_view part : split(*text, assignment.split))
                    if (!trim(part).empty()) items.emplace_back(trim(part));
            }
        }
        std::string out;
        for (const std::string& item : items) {
            const auto mapped = assignment.mapped ? mapped_value(assignment, item) : std::optional(item);
            if (!mapped) continue;
            if (auto json = TRY(scalar(assignment, *mapped))) out += (out.empty() ? "" : ",") + *json;
        }
        return out.empty() ? std::nullopt : std::optional("[" + out + "]");
    }

    std::optional<std::string> mapped_value(const Assignment& assignment, std::string_view text) {
        const auto found = assignment.values.find(to_ascii_lower(trim(text)));
        if (found != assignment.values.end()) return found->second;
        if (!assignment.otherwise) note_lost(notes_, "mapping.unmapped_value", assignment.path);
        return assignment.otherwise;
    }

    /// The text that goes there: the field, or the template, through the value map; nullopt for nothing.
    Result<std::optional<std::string>> text_of(const Assignment& assignment, bool through_map = true) {
        std::optional<std::string> text;
        if (!assignment.from.empty()) {
            text = row_.text(assignment.from);
            if (text) text = TRY(undamaged(assignment, assignment.from, std::move(*text)));
        } else {
            bool any = assignment.parts.size() == 1 && assignment.parts[0].second.empty();  // a constant
            std::string out;
            for (const auto& [before, field] : assignment.parts) {
                out += before;
                if (field.empty()) continue;
                const auto part = row_.text(field);
                any = any || part.has_value();
                out += part.value_or("");
            }
            if (any && !trim(out).empty()) text = std::string(trim(out));
        }
        if (!text) return assignment.otherwise;
        if (assignment.mapped && through_map) return mapped_value(assignment, *text);
        return text;
    }

    /// The value, mended where that is sure; nullopt when it is worth nothing.
    Result<std::optional<std::string>> undamaged(const Assignment& assignment, std::string_view field, std::string text) {
        if (assignment.path == "phone.number") {
            if (auto mended = with_lost_plus(text)) {
                note(notes_, "sheet.lost_plus");
                return mended;
            }
        }
        if (assignment.path == "password.plain") return text;  // people may choose any
        const auto length = mapping_.lengths_.find(std::string(field));
        if (length != mapping_.lengths_.end() && text.size() < length->second && std::ranges::all_of(text, is_ascii_digit))
            note(notes_, "sheet.lost_zeros");
        const auto damage = find_damage(text);
        if (!damage) return text;
        if (*damage == "sheet.date_rewritten" || *damage == "sheet.wrong_encoding") {
            if (*damage != "sheet.date_rewritten" || is_time(assignment)) note(notes_, *damage);
            return text;
        }
        if (among(kIdentity, assignment.path) && *damage != "sheet.truncated")
            return fail(Code::invalid_argument, "record.damaged",
                        assignment.path + " was destroyed by a spreadsheet (" + std::string(*damage) + ")");
        note_lost(notes_, *damage, assignment.path);
        return std::nullopt;
    }

    static bool is_time(const Assignment& assignment) { return assignment.plan && assignment.plan->shape == rpc::Shape::timestamp; }

    Json scalar(const Assignment& assignment, const std::string& text) {
        using rpc::Shape;
        switch (assignment.plan ? assignment.plan->shape : Shape::string) {
            case Shape::boolean: {
                const std::string word = to_ascii_lower(trim(text));
                if (among(kYes, word)) return "true";
                if (among(kNo, word)) return "false";
                return bad(assignment.path, "the value is neither yes nor no; give it a `map`");
            }
            case Shape::int32:
            case Shape::uint32:
                if (!parse_number<std::int64_t>(trim(text))) return bad(assignment.path, "the value is no number");
                return std::string(trim(text));
            case Shape::timestamp:
                if (const auto time = read_time(text)) return json_string(to_rfc3339(*time));
                note_lost(notes_, "created_at.unreadable", assignment.path);
                return std::nullopt;
            default:
                return json_string(text);
        }
    }

    /// Fields that the mapping does not name.
    void rest(v1::UserRecord& record) {
        if (!mapping_.keeps_rest()) return;
        for (const std::string& field : row_.fields()) {
            const bool used = std::ranges::any_of(mapping_.fields_, [&](const std::string& path) {
                return path == field || (path.starts_with(field) && (path[field.size()] == '.' || path[field.size()] == '['));
            });
            if (used || record.metadata().contains(field)) continue;
            auto& metadata = (*record.mutable_metadata())[field];
            const std::string json = row_.json(field);
            if (const auto parsed = JsonText::parse(json); !json.empty() && parsed) {
                to_value(parsed->root(), metadata);
            } else {
                metadata.set_string_value(row_.text(field).value_or(""));
            }
        }
    }

    const Mapping& mapping_;
    const Row& row_;
    v1::Origin notes_;
};

Result<v1::UserRecord> Mapping::map(const Row& row) const { return MappingRun(*this, row).run(); }

std::string Mapping::id_of(const Row& row) const { return MappingRun(*this, row).id(); }

}  // namespace godwit::migration
