#include "directory/object/public_id.h"

#include <utility>

#include "base/id_generator.h"
#include "base/text.h"
#include "base/unicode.h"
#include "store/store.h"

namespace godwit::directory {
namespace {

struct Lookup {
    std::string_view by_key;
    std::string_view by_public_id;
    std::string_view public_id_of;
};

// Spelt out, so that every statement is a constant: prepared once, and nothing of a request ever becomes SQL.
#define GODWIT_LOOKUP(table)                                                                                    \
    Lookup{.by_key = "SELECT id FROM " table " WHERE instance_no = ?1 AND id = ?2 AND public_id IS NULL",       \
           .by_public_id = "SELECT id, public_id FROM " table " WHERE instance_no = ?1 AND public_id_key = ?2", \
           .public_id_of = "SELECT public_id FROM " table " WHERE instance_no = ?1 AND id = ?2"}

Lookup lookup_of(Noun noun) {
    switch (noun) {
        case Noun::organization:
            return GODWIT_LOOKUP("organizations");
        case Noun::user:
            return GODWIT_LOOKUP("users");
        case Noun::project:
            return GODWIT_LOOKUP("projects");
        case Noun::application:
            return GODWIT_LOOKUP("applications");
        case Noun::idp:
            return GODWIT_LOOKUP("idps");
        case Noun::project_grant:
            return GODWIT_LOOKUP("project_grants");
        case Noun::user_grant:
            return GODWIT_LOOKUP("user_grants");
        case Noun::machine_key:
            return GODWIT_LOOKUP("machine_keys");
        case Noun::application_key:
            return GODWIT_LOOKUP("app_keys");
    }
    std::unreachable();
}
#undef GODWIT_LOOKUP

}  // namespace

std::string display_id(std::int64_t key, std::string_view public_id) {
    return public_id.empty() ? std::to_string(key) : std::string(public_id);
}

std::optional<std::int64_t> generated_key(std::string_view text) {
    // 2^62 and 2^63 - 1 both have 19 digits, so nothing shorter and nothing with a leading zero lies in the range.
    if (text.size() != 19 || !is_ascii_digit(text[0])) return std::nullopt;
    const auto key = parse_number<std::int64_t>(text);
    if (!key || !is_generated_id(*key)) return std::nullopt;
    return key;
}

Result<std::optional<std::int64_t>> resolve(store::Reader& db, InstanceScope scope, Noun noun, std::string_view text) {
    const Lookup lookup = lookup_of(noun);
    std::optional<std::int64_t> found;
    if (const auto key = generated_key(text)) {
        TRY(db.query(scope, lookup.by_key, {*key}, [&](const store::Row& row) { found = row.i64(0); }));
    } else if (!text.empty()) {
        const std::string folded = fold(text);
        TRY(db.query(scope, lookup.by_public_id, {folded}, [&](const store::Row& row) {
            if (row.text(1) == text) found = row.i64(0);
        }));
    }
    return found;
}

Result<std::optional<std::string>> find_public_id(store::Reader& db, InstanceScope scope, Noun noun, std::int64_t key) {
    std::optional<std::string> found;
    TRY(db.query(scope, lookup_of(noun).public_id_of, {key}, [&](const store::Row& row) { found = display_id(key, row.text(0)); }));
    return found;
}

Result<void> accept_given_id(std::string_view text) {
    if (text.empty() || !is_valid_utf8(text) || code_points(text) > 200 || has_control_characters(text) || has_bidi_controls(text) ||
        has_outer_whitespace(text))
        return fail(Code::invalid_argument, "ID-Fmt01",
                    "an id is 1 to 200 characters without control characters, and without white space at either end");
    if (generated_key(text))
        return fail(Code::invalid_argument, "ID-Rsv01", "this id lies in the range of generated ids; leave it out, or give another");
    return {};
}

Result<NewId> make_id(store::Writer& db, const std::optional<std::string>& given) {
    NewId id{.key = db.new_id(), .public_id = {}, .public_id_key = {}};
    if (given) {
        TRY(accept_given_id(*given));
        id.public_id = *given;
        id.public_id_key = fold(*given);
    }
    return id;
}

}  // namespace godwit::directory
