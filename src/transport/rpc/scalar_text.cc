#include "transport/rpc/scalar_text.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <charconv>

#include "base/encoding.h"
#include "base/text.h"
#include "base/time.h"
#include "base/unicode.h"
#include "transport/rpc/field_writer.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

template <class T>
bool parse_whole(std::string_view text, T& out) {
    if (const auto number = parse_number<T>(text)) {
        out = *number;
        return true;
    }
    if (text.find_first_of(".eE") == std::string_view::npos) return false;
    double real = 0;
    return parse_double(text, real) && whole(real, out);
}

Reading reading(bool ok) { return ok ? Reading::ok : Reading::wrong; }

Reading set_enum(FieldWriter& writer, const pb::FieldDescriptor& field, std::string_view text) {
    if (const auto* value = field.enum_type()->FindValueByName(std::string(text))) return reading(writer.enumeration(value->number()));
    if (const auto number = parse_number<std::int32_t>(text)) return reading(writer.enumeration(*number));
    return Reading::ignored;
}

}  // namespace

bool whole(double value, std::int64_t& out) {
    // -2^63 is a double, 2^63-1 is not: the upper bound must stay below 2^63.
    if (!(value >= -0x1p63 && value < 0x1p63) || value != std::floor(value)) return false;
    out = static_cast<std::int64_t>(value);
    return true;
}

bool whole(double value, std::uint64_t& out) {
    if (!(value >= 0 && value < 0x1p64) || value != std::floor(value)) return false;
    out = static_cast<std::uint64_t>(value);
    return true;
}

bool parse_integer(std::string_view text, std::int64_t& out) { return parse_whole(text, out); }
bool parse_integer(std::string_view text, std::uint64_t& out) { return parse_whole(text, out); }

bool parse_double(std::string_view text, double& out) {
    if (text == "NaN") return out = std::numeric_limits<double>::quiet_NaN(), true;
    if (text == "Infinity") return out = std::numeric_limits<double>::infinity(), true;
    if (text == "-Infinity") return out = -std::numeric_limits<double>::infinity(), true;
    // from_chars would also take "inf" and "nan".
    if (text.find_first_not_of("+-0123456789.eE") != std::string_view::npos) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

bool parse_timestamp(std::string_view text, pb::Timestamp& out) {
    const auto time = parse_rfc3339(text);
    if (!time || text.starts_with("0000")) return false;
    std::int64_t seconds = time->micros / 1'000'000, rest = time->micros % 1'000'000;
    if (rest < 0) --seconds, rest += 1'000'000;
    out.set_seconds(seconds);
    out.set_nanos(static_cast<std::int32_t>(rest * 1'000));
    return true;
}

bool parse_duration(std::string_view text, pb::Duration& out) {
    constexpr std::int64_t kMaxSeconds = 315'576'000'000;
    if (!text.ends_with('s')) return false;
    text.remove_suffix(1);
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto point = text.find('.');
    const auto seconds = parse_number<std::int64_t>(text.substr(0, point));
    if (!seconds || *seconds < 0 || *seconds > kMaxSeconds || !is_ascii_digit(text[0])) return false;
    std::int32_t nanos = 0;
    if (point != std::string_view::npos) {
        std::string fraction(text.substr(point + 1));
        if (fraction.empty() || fraction.size() > 9 || fraction.find_first_not_of("0123456789") != std::string::npos) return false;
        fraction.resize(9, '0');
        nanos = *parse_number<std::int32_t>(fraction);
    }
    out.set_seconds(negative ? -*seconds : *seconds);
    out.set_nanos(negative ? -nanos : nanos);
    return true;
}

bool parse_field_mask(std::string_view text, pb::FieldMask& out) {
    if (text.empty()) return true;
    for (const auto path : split(text, ',')) {
        if (path.empty()) return false;
        std::string& name = *out.add_paths();
        for (const char c : path) {
            if (c == '_') return false;  // the JSON form has no underscores, and the way back would not be unique
            if (c >= 'A' && c <= 'Z') name += '_';
            name += ascii_lower(c);
        }
    }
    return true;
}

Reading set_from_text(pb::Message& message, const FieldPlan& plan, std::string_view text) {
    FieldWriter writer(message, plan);
    std::int64_t integer = 0;
    std::uint64_t natural = 0;
    double real = 0;
    switch (plan.shape) {
        case Shape::boolean:
            if (text != "true" && text != "false") return Reading::wrong;
            writer.boolean(text == "true");
            return Reading::ok;
        case Shape::int32:
            return reading(parse_integer(text, integer) && writer.int32(integer));
        case Shape::int64:
            return parse_integer(text, integer) ? (writer.int64(integer), Reading::ok) : Reading::wrong;
        case Shape::uint32:
            return reading(parse_integer(text, natural) && writer.uint32(natural));
        case Shape::uint64:
            return parse_integer(text, natural) ? (writer.uint64(natural), Reading::ok) : Reading::wrong;
        case Shape::float32:
            return reading(parse_double(text, real) && writer.float32(real));
        case Shape::float64:
            return parse_double(text, real) ? (writer.float64(real), Reading::ok) : Reading::wrong;
        case Shape::string:
            if (!is_valid_utf8(text)) return Reading::wrong;
            writer.text(std::string(text));
            return Reading::ok;
        case Shape::bytes: {
            auto bytes = base64_decode_lenient(text);
            if (!bytes) return Reading::wrong;
            writer.text(*std::move(bytes));
            return Reading::ok;
        }
        case Shape::enumeration:
            return set_enum(writer, *plan.field, text);
        case Shape::timestamp:
            return reading(parse_timestamp(text, static_cast<pb::Timestamp&>(writer.message())));
        case Shape::duration:
            return reading(parse_duration(text, static_cast<pb::Duration&>(writer.message())));
        case Shape::field_mask:
            return reading(parse_field_mask(text, static_cast<pb::FieldMask&>(writer.message())));
        case Shape::wrapper:
            return set_from_text(writer.message(), plan.message->fields.front(), text);
        case Shape::message:
        case Shape::structure:
        case Shape::value:
        case Shape::list_value:
        case Shape::unsupported:
            return Reading::wrong;
    }
    return Reading::wrong;
}

}  // namespace godwit::rpc
