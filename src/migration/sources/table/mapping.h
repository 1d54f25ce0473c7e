// What the columns of a table, or the fields of a JSON line, are: a mapping file, compiled against the canonical record.
//
//   version: 1
//   delimiter: ";"                                  # CSV; found by itself when left out
//   skip: {field: deleted, is: ["1", "yes"]}        # these records are left out
//   rest: metadata                                  # fields not named below: metadata, ignore, or report (default)
//   record:
//     sourceId: "{id}"                              # a template; without braces a constant; {{ and }} are braces
//     email: {address: "{mail}", verified: {from: confirmed, map: {"Y": true, "N": false}}}
//     state: {from: active, map: {"0": inactive}, default: active}
//     grants: [{project: shop, roles: {from: roles, split: ","}, when: {field: roles, empty: false}}]
//     metadata.tier: "{tier}"
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "godwit/migration/v1/record.pb.h"

namespace godwit::rpc {
struct FieldPlan;
}

namespace godwit::migration {

/// One record of a table. A field is a column's name, or a path into JSON ("address.city", "phones[0].number").
class Row {
public:
    virtual ~Row() = default;
    /// nullopt when it is absent, null or empty. Objects and lists come as their JSON.
    virtual std::optional<std::string> text(std::string_view field) const = 0;
    /// Of one that is more than a text: its JSON. "" for a text, or nothing.
    virtual std::string json(std::string_view field) const = 0;
    /// The elements of a list of texts; nullopt for anything else.
    virtual std::optional<std::vector<std::string>> texts(std::string_view field) const = 0;
    /// The fields that hold something, at the top.
    virtual std::vector<std::string> fields() const = 0;
};

struct Condition {
    enum class Test { is, is_not, empty, starts_with, all, any, none } test = Test::all;
    std::string field;
    std::vector<std::string> values;
    bool wanted = true;  ///< of `empty`
    std::vector<Condition> parts;

    bool holds(const Row& row) const;
};

/// A place of the record and how it is filled.
struct Assignment {
    enum class Kind { leaf, object, list } kind = Kind::leaf;
    std::string path;  ///< in the record: "email.verified"
    const rpc::FieldPlan* plan = nullptr;
    bool element = false;  ///< one of a list
    std::optional<Condition> when;

    std::vector<std::pair<std::string, std::string>>
        parts;                                  ///< of a template: text before a field, and the field; the last may have no field
    std::string from;                           ///< the field as it is
    std::map<std::string, std::string> values;  ///< value map, by lower case
    bool mapped = false;
    std::optional<std::string> otherwise;
    char split = '\0';

    std::string name;                  ///< of a member: its JSON name
    std::vector<Assignment> members;   ///< of an object
    std::vector<Assignment> elements;  ///< of a list
};

class Mapping {
public:
    /// Errors: invalid_argument with `name`, line and what is wrong; a member the record does not have is named.
    static Result<Mapping> parse(std::string_view yaml, std::string_view name);

    /// The record. Errors as `map` of a source has them: record.skipped, record.damaged, record.bad_form with the path, record.no_id.
    Result<v1::UserRecord> map(const Row& row) const;
    /// The source id that map() gives the record, also when it refuses it for something else; "" when that is what cannot be read.
    std::string id_of(const Row& row) const;

    char delimiter() const { return delimiter_; }
    /// Fields that it uses.
    const std::set<std::string>& fields() const { return fields_; }
    bool keeps_rest() const { return rest_ == Rest::metadata; }
    bool ignores_rest() const { return rest_ == Rest::ignore; }
    /// Columns of digits whose values have one length, but for those that lost their zeros (damage.h).
    void set_lengths(std::map<std::string, std::size_t> lengths) { lengths_ = std::move(lengths); }

private:
    friend class MappingParser;
    friend class MappingRun;
    enum class Rest { report, metadata, ignore } rest_ = Rest::report;
    char delimiter_ = '\0';
    std::optional<Condition> skip_;
    Assignment record_;
    std::set<std::string> fields_;
    std::map<std::string, std::size_t> lengths_;
};

}  // namespace godwit::migration
