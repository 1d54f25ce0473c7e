#include "transport/rpc/json_schema.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <limits>

#include "base/encoding.h"
#include "transport/rpc/validation_plan.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

/// "[a,b]" of texts that are JSON.
std::string json_list(std::span<const std::string> items) {
    std::string out = "[";
    for (const auto& item : items) {
        if (out.size() > 1) out += ',';
        out += item;
    }
    return out += ']';
}

JsonObject typed(std::string_view type, std::string_view format = {}) {
    JsonObject out;
    out.set("type", type);
    out.set_if("format", format);
    return out;
}

JsonObject patterned(std::string_view format, std::string_view pattern, std::string_view description) {
    JsonObject out = typed("string", format);
    out.set("pattern", pattern);
    out.set("description", description);
    return out;
}

template <class T>
JsonObject whole_number(std::string_view format) {
    JsonObject out = typed("integer", format);
    out.set("minimum", std::int64_t{std::numeric_limits<T>::min()});
    out.set("maximum", std::int64_t{std::numeric_limits<T>::max()});
    return out;
}

JsonObject real_number(std::string_view format) {
    const std::string number = typed("number", format).text(), special = R"({"enum":["NaN","Infinity","-Infinity"]})";
    JsonObject out;
    out.set_json("anyOf", json_list(std::vector{number, special}));
    return out;
}

JsonObject enumeration(const pb::EnumDescriptor& type, const ValueRules* rules) {
    std::vector<std::string> names;
    for (int i = 0; i < type.value_count(); ++i) {
        const bool refused = rules && std::ranges::find(rules->not_in, type.value(i)->number()) != rules->not_in.end();
        if (!refused) names.push_back(type.value(i)->name());
    }
    JsonObject out = typed("string");
    out.set("enum", names);
    return out;
}

void limit_text(const ValueRules& rules, JsonObject& out) {
    if (rules.min_length) out.set("minLength", static_cast<std::int64_t>(*rules.min_length));
    if (rules.max_length) out.set("maxLength", static_cast<std::int64_t>(*rules.max_length));
    if (rules.max_bytes) {
        out.set("maxLength", static_cast<std::int64_t>(*rules.max_bytes));
        out.set("description", "at most " + std::to_string(*rules.max_bytes) + " bytes in UTF-8");
    }
    if (!rules.prefix.empty()) {
        std::string pattern = "^";
        for (const char c : rules.prefix) {
            if (std::string_view("^$\\.*+?()[]{}|/").find(c) != std::string_view::npos) pattern += '\\';
            pattern += c;
        }
        out.set("pattern", pattern);
    }
    if (rules.email) out.set("format", "email");
}

/// Lengths of the text: four characters for each three bytes begun.
void limit_bytes(const ValueRules& rules, JsonObject& out) {
    const auto characters = [](std::uint64_t bytes) { return static_cast<std::int64_t>((bytes + 2) / 3 * 4); };
    if (rules.min_length) out.set("minLength", characters(*rules.min_length));
    if (rules.max_length) out.set("maxLength", characters(*rules.max_length));
}

void limit_duration(const ValueRules& rules, JsonObject& out) {
    std::string words;
    const auto add = [&words](std::string_view what, const std::optional<std::int64_t>& nanoseconds) {
        if (!nanoseconds) return;
        words += (words.empty() ? "" : ", ") + std::string(what) + " " + std::to_string(*nanoseconds / 1'000'000'000) + "s";
    };
    add("longer than", rules.gt);
    add("at least", rules.gte);
    add("at most", rules.lte);
    if (!words.empty()) out.set("description", words);
    // The sign is all a pattern can say of them without losing its readers.
    const bool positive = rules.gt.value_or(-1) >= 0 || rules.gte.value_or(-1) >= 0;
    if (positive) out.set("pattern", R"(^[0-9]{1,12}(\.[0-9]{1,9})?s$)");
}

/// What validate() asks of the value, as far as a schema can say it.
void limit(const FieldPlan& plan, const ValueRules& rules, JsonObject& out) {
    switch (plan.shape) {
        case Shape::string:
            limit_text(rules, out);
            break;
        case Shape::bytes:
            limit_bytes(rules, out);
            break;
        case Shape::duration:
            limit_duration(rules, out);
            break;
        case Shape::enumeration:
            out = enumeration(*plan.field->enum_type(), &rules);
            break;
        case Shape::boolean:
            if (rules.equals) out.set("const", *rules.equals);
            break;
        default:
            return;
    }
    if (!rules.ignore_empty) return;
    JsonObject either;
    either.set_json("anyOf", json_list(std::vector<std::string>{R"({"const":""})", out.text()}));
    out = either;
}

/// The default value breaks the rule, so the field must be sent.
bool refuses_default(const pb::FieldDescriptor& field, const ValueRules& rules) {
    if (field.is_repeated() || rules.ignore_empty) return false;
    if (field.message_type()) return rules.required;
    return rules.min_length.value_or(0) > 0 || !rules.prefix.empty() || rules.email || rules.equals.value_or(false) ||
           std::ranges::find(rules.not_in, 0) != rules.not_in.end();
}

bool limits_anything(const FieldRules& rules) {
    const ValueRules& v = rules.value;
    return rules.min_items || rules.max_items || v.min_length || v.max_length || v.max_bytes || !v.prefix.empty() || v.email || v.equals ||
           !v.not_in.empty() || v.lte || v.gt || v.gte || v.required;
}

const FieldRules* find_rules(const pb::Descriptor& type, const pb::FieldDescriptor& field) {
    const auto& plan = validation_plan_of(type);
    const auto in = [&field](const std::vector<FieldRules>& rules) -> const FieldRules* {
        const auto found = std::ranges::find(rules, &field, &FieldRules::field);
        return found == rules.end() ? nullptr : &*found;
    };
    if (const auto* found = in(plan.fields)) return found;
    if (const auto* found = in(plan.optionals)) return found;
    for (const auto& oneof : plan.oneofs) {
        if (const auto* found = in(oneof.members)) return found;
    }
    return nullptr;
}

bool is_required_oneof(const pb::Descriptor& type, const pb::OneofDescriptor& oneof) {
    const auto& oneofs = validation_plan_of(type).oneofs;
    return std::ranges::any_of(oneofs, [&](const OneofRules& rules) { return rules.oneof == &oneof && rules.required; });
}

/// "At most one of them", or "exactly one"; "" when nothing is to be said.
std::string exclusion(const pb::OneofDescriptor& oneof, bool required) {
    std::vector<std::string> alternatives;
    for (int i = 0; i < oneof.field_count(); ++i)
        alternatives.push_back("{\"required\":[" + json_string(oneof.field(i)->json_name()) + "]}");
    if (!required && alternatives.size() < 2) return {};
    if (!required) alternatives.push_back("{\"not\":{\"anyOf\":" + json_list(alternatives) + "}}");
    return "{\"oneOf\":" + json_list(alternatives) + "}";
}

}  // namespace

bool JsonSchemas::is_required(const pb::Descriptor& type, const pb::FieldDescriptor& field) {
    if (field.containing_oneof()) return false;
    const auto* rules = find_rules(type, field);
    return rules && (rules->min_items.value_or(0) > 0 || refuses_default(field, rules->value));
}

JsonObject JsonSchemas::value(const FieldPlan& plan, Direction direction) {
    switch (plan.shape) {
        case Shape::boolean:
            return typed("boolean");
        case Shape::int32:
            return whole_number<std::int32_t>("int32");
        case Shape::uint32:
            return whole_number<std::uint32_t>("uint32");
        case Shape::int64:
            return patterned("int64", "^-?(0|[1-9][0-9]{0,18})$", "a whole number of 64 bits in decimal digits");
        case Shape::uint64:
            return patterned("uint64", "^(0|[1-9][0-9]{0,18})$", "a whole number of 64 bits in decimal digits");
        case Shape::float32:
            return real_number("float");
        case Shape::float64:
            return real_number("double");
        case Shape::string:
            return typed("string");
        case Shape::bytes: {
            JsonObject out = typed("string");
            out.set("contentEncoding", "base64");
            out.set("pattern", "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$");
            return out;
        }
        case Shape::enumeration:
            return enumeration(*plan.field->enum_type(), nullptr);
        case Shape::timestamp:
            return typed("string", "date-time");
        case Shape::duration:
            return patterned("", R"(^-?[0-9]{1,12}(\.[0-9]{1,9})?s$)", "seconds, as in \"1.5s\"");
        case Shape::field_mask:
            return patterned("", "^([a-z][A-Za-z0-9.]*(,[a-z][A-Za-z0-9.]*)*)?$", "names of fields, separated by commas");
        case Shape::message:
            return reference(*plan.field->message_type(), direction);
        case Shape::wrapper:
            return value(plan.message->fields.front(), direction);
        case Shape::structure:
            return typed("object");
        case Shape::list_value:
            return typed("array");
        case Shape::unsupported: {
            JsonObject out = typed("object");
            out.set_json("required", R"(["@type"])");
            return out;
        }
        case Shape::value:
            break;
    }
    return {};
}

JsonObject JsonSchemas::field(const FieldPlan& plan, const pb::Descriptor& type, Direction direction) {
    if (plan.map) {
        JsonObject out = typed("object");
        out.set("additionalProperties", value(plan.message->fields[1], direction));
        return out;
    }
    const FieldRules* const rules = direction == Direction::request ? find_rules(type, *plan.field) : nullptr;
    JsonObject out = value(plan, direction);
    if (rules) limit(plan, rules->value, out);
    if (!plan.repeated) return out;
    JsonObject list = typed("array");
    list.set("items", out);
    if (rules && rules->min_items) list.set("minItems", static_cast<std::int64_t>(*rules->min_items));
    if (rules && rules->max_items) list.set("maxItems", static_cast<std::int64_t>(*rules->max_items));
    return list;
}

JsonObject JsonSchemas::message(const pb::Descriptor& type, Direction direction, std::span<const std::string> without) {
    const auto left_out = [without](const pb::FieldDescriptor& field) { return std::ranges::find(without, field.name()) != without.end(); };
    JsonObject members;
    std::vector<std::string> required, exclusions;
    for (const FieldPlan& plan : plan_of(type).fields) {
        if (left_out(*plan.field)) continue;
        JsonObject schema = field(plan, type, direction);
        if (annotate_) annotate_(*plan.field, schema);
        members.set(plan.field->json_name(), schema);
        if (direction == Direction::request && is_required(type, *plan.field)) required.push_back(plan.field->json_name());
    }
    for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
        const auto& oneof = *type.oneof_decl(i);
        bool settled = false;  // the path holds one of them
        for (int m = 0; m < oneof.field_count(); ++m) settled = settled || left_out(*oneof.field(m));
        auto words = settled ? std::string() : exclusion(oneof, direction == Direction::request && is_required_oneof(type, oneof));
        if (!words.empty()) exclusions.push_back(std::move(words));
    }
    JsonObject out = typed("object");
    out.set("properties", members);
    if (!required.empty()) out.set("required", required);
    if (!exclusions.empty()) out.set_json("allOf", json_list(exclusions));
    return out;
}

bool JsonSchemas::has_limits(const pb::Descriptor& type, std::set<const pb::Descriptor*>& seen) {
    if (!seen.insert(&type).second) return false;
    const auto& rules = validation_plan_of(type);
    if (std::ranges::any_of(rules.fields, limits_anything) || std::ranges::any_of(rules.optionals, limits_anything)) return true;
    for (const auto& oneof : rules.oneofs) {
        if (oneof.required || std::ranges::any_of(oneof.members, limits_anything)) return true;
    }
    return std::ranges::any_of(
        plan_of(type).fields, [&](const FieldPlan& plan) { return plan.shape == Shape::message && has_limits(*plan.message->type, seen); });
}

std::string JsonSchemas::name_of(const pb::Descriptor& type, Direction direction) {
    std::set<const pb::Descriptor*> seen;
    return type.full_name() + (direction == Direction::request && has_limits(type, seen) ? ".Input" : "");
}

JsonObject JsonSchemas::reference(const pb::Descriptor& type, Direction direction) {
    const std::string name = name_of(type, direction);
    components_.try_emplace(name, Component{&type, direction, {}});
    JsonObject out;
    out.set("$ref", "#/components/schemas/" + name);
    return out;
}

JsonObject JsonSchemas::components() {
    // Describing one may refer to more of them, before it or after it.
    for (bool again = true; again;) {
        again = false;
        for (auto& [name, component] : components_) {
            if (!component.schema.empty()) continue;
            component.schema = message(*component.type, component.direction).text();
            again = true;
        }
    }
    JsonObject out;
    for (const auto& [name, component] : components_) out.set_json(name, component.schema);
    return out;
}

}  // namespace godwit::rpc
