// The members of a JSON object of another system, taken one by one, so that what nobody took can be said to be lost.
#pragma once

#include <simdjson.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_parser.h"
#include "base/result.h"
#include "godwit/migration/v1/record.pb.h"

namespace godwit::migration {

/// A JSON text and what it parses to; elements are valid as long as it lives.
class JsonText {
public:
    /// Error: record.bad_json with what is wrong, record.not_utf8.
    static Result<JsonText> parse(std::string_view json);
    const simdjson::dom::element& root() const { return root_; }

private:
    JsonParser parser_;
    simdjson::dom::element root_;
};

/// The path in `origin.lost` once, and `code` in `origin.codes` once.
void note_lost(v1::Origin& origin, std::string_view code, std::string_view path);
void note(v1::Origin& origin, std::string_view code);

/// A value has several names where a system writes it in several ways (userName, user_name): the first that is there is taken. null counts
/// as absent. A value of another type than asked for is noted as lost (record.bad_form is too hard for one field).
class JsonFields {
public:
    using Element = simdjson::dom::element;
    using Names = std::initializer_list<std::string_view>;

    /// `path` is that of the object itself, "" for the record. Of something that is no object it holds nothing.
    JsonFields(const Element& object, std::string path, v1::Origin& origin);
    /// Holds nothing.
    JsonFields(std::string path, v1::Origin& origin) : path_(std::move(path)), origin_(&origin) {}

    std::optional<Element> take(Names names);
    /// "" when absent. Numbers come as their digits, as ids often are numbers.
    std::string text(Names names);
    std::optional<bool> boolean(Names names);
    std::optional<std::int64_t> number(Names names);
    /// The strings of a list, or one string alone.
    std::vector<std::string> texts(Names names);
    /// Fields of an object within; holding nothing when absent.
    JsonFields object(Names names);
    /// The elements of a list, with the path of each: "credentials[1]".
    std::vector<std::pair<std::string, Element>> list(Names names);
    /// Known, and nothing to us.
    void ignore(Names names);
    /// Everything else that holds something is noted as lost, under `code`.
    void rest_is_lost(std::string_view code = "record.unknown_member");
    /// What nobody took yet, by name.
    std::vector<std::pair<std::string_view, Element>> rest() const;

    /// "" is the object itself.
    std::string path_of(std::string_view name) const;
    void lost(std::string_view code, std::string_view name) { note_lost(*origin_, code, path_of(name)); }
    v1::Origin& origin() { return *origin_; }
    bool empty() const { return members_.empty(); }

private:
    struct Member {
        std::string_view name;
        Element value;
        bool taken = false;
    };
    Member* find(Names names);

    std::string path_;
    v1::Origin* origin_;
    std::vector<Member> members_;
};

/// null, "", [], {}.
bool holds_nothing(const simdjson::dom::element& value);
/// The element as a protobuf value, for metadata.
void to_value(const simdjson::dom::element& json, google::protobuf::Value& out);
/// Back to JSON text.
std::string to_text(const simdjson::dom::element& json);

}  // namespace godwit::migration
