#include "migration/input/values.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>

#include "base/text.h"
#include "base/unicode.h"
#include "migration/input/json_fields.h"

namespace godwit::migration {
namespace {

constexpr std::int64_t kFirstMillis = 100'000'000'000;
/// The last second of the year 9999, which timestamps end at.
constexpr std::int64_t kLastSecond = 253'402'300'799;

std::optional<Time> from_digits(std::string_view text) {
    const auto number = parse_number<std::int64_t>(text);
    if (!number) return std::nullopt;
    const bool millis = *number >= kFirstMillis || *number <= -kFirstMillis;
    if ((millis ? *number / 1000 : *number) > kLastSecond || *number < -kFirstMillis) return std::nullopt;
    return Time{millis ? *number * 1000 : *number * 1'000'000};
}

}  // namespace

std::optional<Time> read_time(std::string_view text) {
    text = trim(text);
    if (text.empty()) return std::nullopt;
    if (std::ranges::all_of(text, is_ascii_digit)) return from_digits(text);
    if (const auto time = parse_rfc3339(text)) return time;
    // SQL: a blank for the T, an offset of hours alone or none at all; or only a date.
    std::string mended(text);
    if (mended.size() == 10) mended += "T00:00:00";
    if (mended.size() < 19) return std::nullopt;
    if (mended[10] == ' ') mended[10] = 'T';
    const std::size_t zone = mended.find_first_of("+-Z", 19);
    if (zone == std::string::npos) {
        mended += 'Z';
    } else if (mended.size() == zone + 3) {
        mended += ":00";
    } else if (mended.size() == zone + 5 && mended[zone] != 'Z') {
        mended.insert(zone + 3, 1, ':');
    }
    return parse_rfc3339(mended);
}

Time from_epoch_millis(std::int64_t millis) { return {std::clamp<std::int64_t>(millis, 0, kLastSecond * 1000) * 1000}; }

void set_time(google::protobuf::Timestamp& out, Time time) {
    const std::int64_t seconds = time.micros >= 0 ? time.micros / 1'000'000 : (time.micros - 999'999) / 1'000'000;
    out.set_seconds(seconds);
    out.set_nanos(static_cast<std::int32_t>(time.micros - seconds * 1'000'000) * 1000);
}

void set_created_at(v1::UserRecord& record, std::string_view text, std::string_view path) {
    if (text.empty()) return;
    if (const auto time = read_time(text)) {
        set_time(*record.mutable_created_at(), *time);
    } else {
        note_lost(*record.mutable_origin(), "created_at.unreadable", std::string(path));
    }
}

void set_language(v1::UserRecord& record, std::string_view tag, std::string_view path) {
    if (tag.empty() || tag == "und") return;
    if (const auto canonical = parse_language_tag(tag)) {
        record.mutable_profile()->set_preferred_language(*canonical);
    } else {
        note_lost(*record.mutable_origin(), "locale.unreadable", std::string(path));
    }
}

}  // namespace godwit::migration
