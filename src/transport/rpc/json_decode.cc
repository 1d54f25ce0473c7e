#include "transport/rpc/json_decode.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <simdjson.h>

#include <algorithm>
#include <bitset>
#include <cstring>
#include <unordered_set>

#include "base/encoding.h"
#include "base/json_parser.h"
#include "base/near.h"
#include "base/text.h"
#include "transport/rpc/field_writer.h"
#include "transport/rpc/message_plan.h"
#include "transport/rpc/scalar_text.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace dom = simdjson::dom;
namespace {

/// Walks a parsed document into a message. Functions answer false after noting what was wrong; the callers put the path before it.
class Decoder {
public:
    explicit Decoder(Unknown unknown) : unknown_(unknown) {}

    bool message(const MessagePlan& plan, const dom::element& json, pb::Message& out) {
        dom::object object;
        if (json.get(object) != simdjson::SUCCESS) return wrong("expected an object");
        std::bitset<kMaxFields> seen, oneofs;
        if (plan.fields.size() > kMaxFields) return wrong("too many fields");
        for (const auto [name, value] : object) {
            const FieldPlan* field = plan.find(name);
            if (!field && plan.strict && unknown_ == Unknown::by_package)
                return wrong("no such member" + known_members(plan, name), name.size() <= kMaxShownName ? name : "(a long name)");
            if (!field) continue;
            if (seen[field->index]) return wrong("given twice", name);
            seen[field->index] = true;
            if (value.is_null() && field->shape != Shape::value) continue;
            if (field->oneof >= 0) {
                const auto oneof = static_cast<std::size_t>(field->oneof);
                if (oneofs[oneof]) return wrong("excludes another field that is set", name);
                oneofs[oneof] = true;
            }
            if (!member(*field, value, out)) return in(name);
        }
        return true;
    }

    /// The value of a field: singular, list or map.
    bool member(const FieldPlan& field, const dom::element& json, pb::Message& out) {
        if (field.map) return map(field, json, out);
        if (!field.repeated) return value(field, json, out);
        dom::array items;
        if (json.get(items) != simdjson::SUCCESS) return wrong("expected an array");
        std::size_t index = 0;
        for (const auto item : items) {
            if (item.is_null() && field.shape != Shape::value) return wrong("null in an array", index);
            if (!value(field, item, out)) return in(index);
            ++index;
        }
        return true;
    }

    Error error() const {
        return {Code::invalid_argument, {}, path_.empty() ? "invalid JSON: " + why_ : "invalid JSON: " + path_ + ": " + why_};
    }

private:
    static constexpr std::size_t kMaxFields = 512, kMaxShownName = 100;

    bool wrong(std::string_view why) {
        why_ = why;
        return false;
    }
    template <class Step>
    bool wrong(std::string_view why, Step step) {
        why_ = why;
        return in(step);
    }
    bool in(std::string_view name) {
        path_ = path_.empty() || path_.front() == '[' ? std::string(name) + path_ : std::string(name) + "." + path_;
        return false;
    }
    bool in(std::size_t index) {
        const std::string step = "[" + std::to_string(index) + "]";
        path_ = path_.empty() || path_.front() == '[' ? step + path_ : step + "." + path_;
        return false;
    }

    bool value(const FieldPlan& field, const dom::element& json, pb::Message& out) {
        FieldWriter writer(out, field);
        switch (field.shape) {
            case Shape::boolean: {
                bool flag = false;
                if (json.get(flag) != simdjson::SUCCESS) return wrong("expected true or false");
                writer.boolean(flag);
                return true;
            }
            case Shape::int32:
            case Shape::int64:
            case Shape::uint32:
            case Shape::uint64:
                return integer(field, json, writer);
            case Shape::float32:
            case Shape::float64:
                return real(field, json, writer);
            case Shape::enumeration:
                return enumeration(field, json, writer);
            case Shape::message:
                return message(*field.message, json, writer.message());
            case Shape::wrapper:
                return value(field.message->fields.front(), json, writer.message());
            case Shape::structure:
                return structure(json, static_cast<pb::Struct&>(writer.message()));
            case Shape::value:
                return any_value(json, static_cast<pb::Value&>(writer.message()));
            case Shape::list_value:
                return list_value(json, static_cast<pb::ListValue&>(writer.message()));
            case Shape::string: {
                std::string_view text;
                if (json.get(text) != simdjson::SUCCESS) return wrong("expected a string");
                writer.text(std::string(text));
                return true;
            }
            case Shape::bytes:
            case Shape::timestamp:
            case Shape::duration:
            case Shape::field_mask:
                return from_text(field, json, out);
            case Shape::unsupported:
                return wrong("not supported");
        }
        return wrong("not supported");
    }

    bool from_text(const FieldPlan& field, const dom::element& json, pb::Message& out) {
        std::string_view text;
        if (json.get(text) == simdjson::SUCCESS && set_from_text(out, field, text) == Reading::ok) return true;
        switch (field.shape) {
            case Shape::bytes:
                return wrong("expected base64");
            case Shape::timestamp:
                return wrong("expected an RFC 3339 time");
            case Shape::duration:
                return wrong("expected a duration like \"1.5s\"");
            default:
                return wrong("expected field names separated by commas");
        }
    }

    bool integer(const FieldPlan& field, const dom::element& json, FieldWriter& writer) {
        const bool is_signed = field.shape == Shape::int32 || field.shape == Shape::int64;
        std::int64_t i = 0;
        std::uint64_t u = 0;
        if (!(is_signed ? number(json, i) : number(json, u))) return wrong("expected a whole number in range");
        switch (field.shape) {
            case Shape::int32:
                if (writer.int32(i)) return true;
                break;
            case Shape::uint32:
                if (writer.uint32(u)) return true;
                break;
            case Shape::int64:
                return writer.int64(i), true;
            default:
                return writer.uint64(u), true;
        }
        return wrong("expected a whole number in range");
    }

    template <class T>
    static bool number(const dom::element& json, T& out) {
        switch (json.type()) {
            case dom::element_type::INT64:
            case dom::element_type::UINT64:
                return json.get(out) == simdjson::SUCCESS;
            case dom::element_type::DOUBLE:
                return whole(double(json), out);
            case dom::element_type::STRING:
                return parse_integer(std::string_view(json), out);
            default:
                return false;
        }
    }

    bool real(const FieldPlan& field, const dom::element& json, FieldWriter& writer) {
        double number = 0;
        const bool ok = json.is_string() ? parse_double(std::string_view(json), number) : json.get(number) == simdjson::SUCCESS;
        if (!ok) return wrong("expected a number");
        if (field.shape == Shape::float64) return writer.float64(number), true;
        return writer.float32(number) || wrong("number out of range");
    }

    bool enumeration(const FieldPlan& field, const dom::element& json, FieldWriter& writer) {
        if (json.is_string()) {
            const pb::EnumDescriptor& type = *field.field->enum_type();
            const std::string_view name = json;
            const auto* known = type.FindValueByName(std::string(name));
            if (known) writer.enumeration(known->number());
            // In the contract's messages an unknown name is left out, as the reference does; so is a number in quotes.
            return known || unknown_ == Unknown::ignored || !is_own(*type.file()) || unknown_value(type, name);
        }
        std::int64_t value_number = 0;
        if (number(json, value_number) && writer.enumeration(value_number)) return true;
        return wrong("expected the name or number of an enum value");
    }

    bool unknown_value(const pb::EnumDescriptor& type, std::string_view name) {
        std::vector<std::string_view> names;
        for (int i = 0; i < type.value_count(); ++i) names.push_back(type.value(i)->name());
        return wrong("no such value" + did_you_mean_or_list(name, names));
    }

    bool map(const FieldPlan& field, const dom::element& json, pb::Message& out) {
        dom::object object;
        if (json.get(object) != simdjson::SUCCESS) return wrong("expected an object");
        const FieldPlan &key = field.message->fields[0], &mapped = field.message->fields[1];
        std::unordered_set<std::string_view> seen;
        for (const auto [name, item] : object) {
            if (!seen.insert(name).second) return wrong("given twice", name);
            if (item.is_null() && mapped.shape != Shape::value) return wrong("null in a map", name);
            pb::Message& entry = *out.GetReflection()->AddMessage(&out, field.field);
            if (set_from_text(entry, key, name) != Reading::ok) return wrong("not a key of this map", name);
            if (!value(mapped, item, entry)) return in(name);
        }
        return true;
    }

    bool structure(const dom::element& json, pb::Struct& out) {
        dom::object object;
        if (json.get(object) != simdjson::SUCCESS) return wrong("expected an object");
        for (const auto [name, item] : object) {
            const auto [slot, fresh] = out.mutable_fields()->insert({std::string(name), {}});
            if (!fresh) return wrong("given twice", name);
            if (!any_value(item, slot->second)) return in(name);
        }
        return true;
    }

    bool list_value(const dom::element& json, pb::ListValue& out) {
        dom::array items;
        if (json.get(items) != simdjson::SUCCESS) return wrong("expected an array");
        std::size_t index = 0;
        for (const auto item : items) {
            if (!any_value(item, *out.add_values())) return in(index);
            ++index;
        }
        return true;
    }

    bool any_value(const dom::element& json, pb::Value& out) {
        switch (json.type()) {
            case dom::element_type::NULL_VALUE:
                out.set_null_value(pb::NULL_VALUE);
                return true;
            case dom::element_type::BOOL:
                out.set_bool_value(bool(json));
                return true;
            case dom::element_type::STRING:
                out.set_string_value(std::string(std::string_view(json)));
                return true;
            case dom::element_type::ARRAY:
                return list_value(json, *out.mutable_list_value());
            case dom::element_type::OBJECT:
                return structure(json, *out.mutable_struct_value());
            default:
                out.set_number_value(double(json));
                return true;
        }
    }

    const Unknown unknown_;
    std::string path_, why_;
};

std::string_view explain(simdjson::error_code code) {
    switch (code) {
        case simdjson::DEPTH_ERROR:
            return "nested too deeply";
        case simdjson::UTF8_ERROR:
            return "ill-formed UTF-8";
        case simdjson::STRING_ERROR:
            return "a malformed string";
        case simdjson::UNCLOSED_STRING:
            return "a string that does not end";
        case simdjson::UNESCAPED_CHARS:
            return "a control character in a string";
        case simdjson::NUMBER_ERROR:
            return "a malformed or too large number";
        case simdjson::CAPACITY:
            return "too long";
        default:
            return "not one JSON value";
    }
}

enum class Padding { copy, there };

/// Parses and hands the root to `use`, which answers whether it liked it.
template <class Use>
Result<void> with_document(std::string_view json, Padding padding, Unknown unknown, Use use) {
    JsonParser parser;
    dom::element root;
    const auto failed = padding == Padding::copy ? parser.parse(json, root) : parser.parse_padded(json, root);
    if (failed != simdjson::SUCCESS) return fail(Code::invalid_argument, "", "invalid JSON: " + std::string(explain(failed)));
    Decoder decoder(unknown);
    if (!use(decoder, root)) return fail(decoder.error());
    return {};
}

Result<void> decode(std::string_view json, Padding padding, Unknown unknown, pb::Message& out) {
    if (trim(json).empty()) return {};
    const MessagePlan& plan = plan_of(*out.GetDescriptor());
    return with_document(json, padding, unknown,
                         [&](Decoder& decoder, const dom::element& root) { return decoder.message(plan, root, out); });
}

}  // namespace

Result<void> decode_json(std::string_view json, pb::Message& out, Unknown unknown) { return decode(json, Padding::copy, unknown, out); }

Result<void> decode_json(const dom::element& json, pb::Message& out, Unknown unknown) {
    Decoder decoder(unknown);
    if (!decoder.message(plan_of(*out.GetDescriptor()), json, out)) return fail(decoder.error());
    return {};
}

Result<void> decode_json_padded(std::string_view json, pb::Message& out) { return decode(json, Padding::there, Unknown::by_package, out); }

Result<void> decode_json_field(std::string_view json, pb::Message& out, const pb::FieldDescriptor& field) {
    if (trim(json).empty()) return {};
    const FieldPlan& plan = plan_of(*out.GetDescriptor()).fields[static_cast<std::size_t>(field.index())];
    return with_document(json, Padding::copy, Unknown::by_package, [&](Decoder& decoder, const dom::element& root) {
        return (root.is_null() && plan.shape != Shape::value) || decoder.member(plan, root, out);
    });
}

}  // namespace godwit::rpc
