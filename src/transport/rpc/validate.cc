#include "transport/rpc/validate.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <string>

#include "base/unicode.h"
#include "transport/rpc/email_address.h"
#include "transport/rpc/validation_plan.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

/// What is wrong, without where; empty when nothing is.
using Fault = std::string;

std::string number(std::uint64_t n) { return std::to_string(n); }

Fault length_fault(const ValueRules& rules, std::uint64_t length, std::string_view unit) {
    const bool short_of = rules.min_length && length < *rules.min_length, beyond = rules.max_length && length > *rules.max_length;
    if (!short_of && !beyond) return {};
    if (rules.exact_length) return "value length must be " + number(*rules.min_length) + " " + std::string(unit);
    if (rules.min_length && rules.max_length) {
        return "value length must be between " + number(*rules.min_length) + " and " + number(*rules.max_length) + " " + std::string(unit) +
               ", inclusive";
    }
    if (rules.min_length) return "value length must be at least " + number(*rules.min_length) + " " + std::string(unit);
    return "value length must be at most " + number(*rules.max_length) + " " + std::string(unit);
}

Fault string_fault(const ValueRules& rules, const std::string& text) {
    if (text.find('\0') != std::string::npos) return "value must not contain NUL";
    if (rules.ignore_empty && text.empty()) return {};
    if (rules.min_length || rules.max_length) {
        if (auto fault = length_fault(rules, code_points(text), "runes"); !fault.empty()) return fault;
    }
    if (rules.max_bytes && text.size() > *rules.max_bytes) return "value length must be at most " + number(*rules.max_bytes) + " bytes";
    if (!text.starts_with(rules.prefix)) return "value does not have prefix \"" + rules.prefix + "\"";
    if (rules.email) {
        if (const auto fault = email_fault(text)) return "value must be a valid email address | caused by: mail: " + *fault;
    }
    return {};
}

Fault enum_fault(const ValueRules& rules, const pb::EnumDescriptor& type, int value) {
    if (rules.defined_only && !type.FindValueByNumber(value)) return "value must be one of the defined enum values";
    if (std::ranges::find(rules.not_in, value) != rules.not_in.end()) {
        std::string list;
        for (const int n : rules.not_in) list += (list.empty() ? "" : " ") + std::to_string(n);
        return "value must not be in list [" + list + "]";
    }
    return {};
}

/// As Go prints a duration: "0s", "1.5s", "4m30s", "1h0m0s".
std::string show_duration(std::int64_t nanoseconds) {
    const std::string sign = nanoseconds < 0 ? "-" : "";
    const std::int64_t total = nanoseconds < 0 ? -nanoseconds : nanoseconds;
    const std::int64_t seconds = total / 1'000'000'000, rest = total % 1'000'000'000;
    std::string out = std::to_string(seconds % 60);
    if (rest) {
        std::string fraction = std::to_string(1'000'000'000 + rest).substr(1);
        fraction.erase(fraction.find_last_not_of('0') + 1);
        out += "." + fraction;
    }
    out += "s";
    if (seconds >= 60) out = std::to_string(seconds / 60 % 60) + "m" + out;
    if (seconds >= 3600) out = std::to_string(seconds / 3600) + "h" + out;
    return sign + out;
}

Fault duration_fault(const ValueRules& rules, const pb::Duration& duration) {
    if (!rules.lte && !rules.gt && !rules.gte) return {};
    // Clamped: a message on the wire may hold any seconds, and the rules reach a few minutes.
    const std::int64_t seconds = std::clamp<std::int64_t>(duration.seconds(), -9'000'000'000, 9'000'000'000);
    const std::int64_t value = seconds * 1'000'000'000 + duration.nanos();
    const bool low = (rules.gt && value <= *rules.gt) || (rules.gte && value < *rules.gte), high = rules.lte && value > *rules.lte;
    if (!low && !high) return {};
    if (rules.lte && rules.gte) return "value must be inside range [" + show_duration(*rules.gte) + ", " + show_duration(*rules.lte) + "]";
    if (rules.lte && rules.gt) return "value must be inside range (" + show_duration(*rules.gt) + ", " + show_duration(*rules.lte) + "]";
    if (rules.gt) return "value must be greater than " + show_duration(*rules.gt);
    if (rules.gte) return "value must be greater than or equal to " + show_duration(*rules.gte);
    return "value must be less than or equal to " + show_duration(*rules.lte);
}

/// A whole message; the fault says where, from this message on.
Fault message_fault(const ValidationPlan& plan, const pb::Message& message);

Fault nested_fault(const FieldRules& rules, const pb::Message& value) {
    if (!rules.message) {
        const bool is_duration = value.GetDescriptor()->well_known_type() == pb::Descriptor::WELLKNOWNTYPE_DURATION;
        return is_duration ? duration_fault(rules.value, static_cast<const pb::Duration&>(value)) : Fault();
    }
    auto fault = message_fault(*rules.message, value);
    return fault.empty() ? fault : "embedded message failed validation | caused by: " + fault;
}

Fault single_fault(const FieldRules& rules, const pb::Message& message) {
    const auto& reflection = *message.GetReflection();
    const auto* field = rules.field;
    switch (field->cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_STRING: {
            std::string scratch;
            const std::string& text = reflection.GetStringReference(message, field, &scratch);
            return field->type() == pb::FieldDescriptor::TYPE_BYTES ? length_fault(rules.value, text.size(), "bytes")
                                                                    : string_fault(rules.value, text);
        }
        case pb::FieldDescriptor::CPPTYPE_ENUM:
            return enum_fault(rules.value, *field->enum_type(), reflection.GetEnumValue(message, field));
        case pb::FieldDescriptor::CPPTYPE_BOOL:
            if (!rules.value.equals || reflection.GetBool(message, field) == *rules.value.equals) return {};
            return std::string("value must equal ") + (*rules.value.equals ? "true" : "false");
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
            if (reflection.HasField(message, field)) return nested_fault(rules, reflection.GetMessage(message, field));
            return rules.value.required ? "value is required" : "";
        default:
            return {};
    }
}

Fault item_fault(const FieldRules& rules, const pb::Message& message, int index) {
    const auto& reflection = *message.GetReflection();
    const auto* field = rules.field;
    switch (field->cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_STRING: {
            std::string scratch;
            const std::string& text = reflection.GetRepeatedStringReference(message, field, index, &scratch);
            return field->type() == pb::FieldDescriptor::TYPE_BYTES ? length_fault(rules.value, text.size(), "bytes")
                                                                    : string_fault(rules.value, text);
        }
        case pb::FieldDescriptor::CPPTYPE_ENUM:
            return enum_fault(rules.value, *field->enum_type(), reflection.GetRepeatedEnumValue(message, field, index));
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
            return nested_fault(rules, reflection.GetRepeatedMessage(message, field, index));
        default:
            return {};
    }
}

Fault count_fault(const FieldRules& rules, std::uint64_t items) {
    const bool short_of = rules.min_items && items < *rules.min_items, beyond = rules.max_items && items > *rules.max_items;
    if (!short_of && !beyond) return {};
    if (rules.min_items && rules.max_items)
        return "value must contain between " + number(*rules.min_items) + " and " + number(*rules.max_items) + " items, inclusive";
    if (rules.min_items) return "value must contain at least " + number(*rules.min_items) + " item(s)";
    return "value must contain no more than " + number(*rules.max_items) + " item(s)";
}

Fault list_fault(const FieldRules& rules, const pb::Message& message, std::string& where) {
    const int size = message.GetReflection()->FieldSize(message, rules.field);
    if (auto fault = count_fault(rules, static_cast<std::uint64_t>(size)); !fault.empty()) return fault;
    for (int i = 0; i < size; ++i) {
        if (auto fault = item_fault(rules, message, i); !fault.empty()) {
            where += "[" + std::to_string(i) + "]";
            return fault;
        }
    }
    return {};
}

Fault field_fault(const ValidationPlan& plan, const FieldRules& rules, const pb::Message& message) {
    std::string where = rules.name;
    Fault fault = rules.field->is_repeated() ? list_fault(rules, message, where) : single_fault(rules, message);
    return fault.empty() ? fault : "invalid " + plan.name + "." + where + ": " + fault;
}

Fault message_fault(const ValidationPlan& plan, const pb::Message& message) {
    const auto& reflection = *message.GetReflection();
    for (const auto& field : plan.fields) {
        if (auto fault = field_fault(plan, field, message); !fault.empty()) return fault;
    }
    for (const auto& oneof : plan.oneofs) {
        const auto* set = reflection.GetOneofFieldDescriptor(message, oneof.oneof);
        if (!set && oneof.required) return "invalid " + plan.name + "." + oneof.name + ": value is required";
        for (const auto& member : oneof.members) {
            if (member.field != set) continue;
            if (auto fault = field_fault(plan, member, message); !fault.empty()) return fault;
        }
    }
    for (const auto& field : plan.optionals) {
        if (!reflection.HasField(message, field.field)) continue;
        if (auto fault = field_fault(plan, field, message); !fault.empty()) return fault;
    }
    return {};
}

Result<void> check(const pb::Message& message, Checks checks) {
    auto fault = message_fault(validation_plan_of(*message.GetDescriptor(), checks), message);
    if (!fault.empty()) return fail(Code::invalid_argument, "", fault);
    return {};
}

}  // namespace

Result<void> validate(const pb::Message& message) { return check(message, Checks::all); }

Result<void> validate_rules(const pb::Message& message) { return check(message, Checks::rules_only); }

void prepare_validation(const pb::Descriptor& type) { validation_plan_of(type); }

}  // namespace godwit::rpc
