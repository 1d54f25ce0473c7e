#include "migration/sources/godwit/godwit.h"

#include "migration/input/files.h"
#include "migration/input/glimpse.h"
#include "migration/input/json_fields.h"
#include "migration/input/lines.h"
#include "transport/rpc/json_decode.h"
#include "transport/rpc/message_plan.h"

namespace godwit::migration {
namespace {

namespace dom = simdjson::dom;

constexpr int kVersion = 1;

/// The decoder passes over members it does not know, as clients of an API need; a person's data is not to vanish that way.
void note_unknown(const dom::element& json, const rpc::MessagePlan& plan, const std::string& path, v1::Origin& origin) {
    dom::object object;
    if (json.get(object) != simdjson::SUCCESS) return;
    for (const auto [name, value] : object) {
        const rpc::FieldPlan* const field = plan.find(name);
        const bool known = field != nullptr;
        if (known && (field->shape != rpc::Shape::message || field->map)) continue;
        if (!known && holds_nothing(value)) continue;
        const std::string here = path.empty() ? std::string(name) : path + "." + std::string(name);
        if (!known) {
            note_lost(origin, "record.unknown_member", here);
        } else if (dom::array items; value.get(items) == simdjson::SUCCESS) {
            std::size_t index = 0;
            for (const auto item : items) note_unknown(item, *field->message, here + "[" + std::to_string(index++) + "]", origin);
        } else {
            note_unknown(value, *field->message, here, origin);
        }
    }
}

class GodwitSource final : public Source {
public:
    GodwitSource(Lines lines, std::string unread) : lines_(std::move(lines)) { warn_of_unread(std::move(unread), warnings_); }

    Result<bool> next(RawRecord& out) override {
        if (!TRY(lines_.next(out.bytes))) {
            if (number_ == 0 && !std::exchange(done_, true)) warnings_.push_back({"source.no_users", "the files hold no record"});
            return false;
        }
        out.number = ++number_;
        out.joined.clear();
        out.error.reset();
        if (lines_.too_long()) out.error = record_too_long(lines_.place() + ":");
        return true;
    }
    Result<v1::UserRecord> map(const RawRecord& raw) const override {
        if (raw.error) return std::unexpected(*raw.error);
        auto record = map_godwit(raw.bytes);
        if (record) record->mutable_origin()->set_record(raw.number);
        return record;
    }
    std::string id_of(const RawRecord& raw) const override { return id_in_godwit(raw.bytes); }
    std::vector<SourceWarning> warnings() const override { return warnings_; }
    std::uint64_t total_bytes() const override { return lines_.total_bytes(); }
    std::uint64_t read_bytes() const override { return lines_.read_bytes(); }

private:
    Lines lines_;
    std::vector<SourceWarning> warnings_;
    std::uint64_t number_ = 0;
    bool done_ = false;
};

Result<std::unique_ptr<Source>> open(const SourceOptions& options) {
    const std::initializer_list<std::string_view> kEndings{".ndjson", ".jsonl", ".json"};
    Lines lines = TRY(Lines::open(TRY(list_files(options.paths, kEndings))));
    return std::make_unique<GodwitSource>(std::move(lines), unread_in(options.paths, kEndings));
}

}  // namespace

SourceKind godwit_kind() { return {"godwit", "canonical records, one a line (NDJSON)", open}; }

std::string id_in_godwit(std::string_view line) {
    const Glimpse record(line);
    const auto id = record.text({{"sourceId", "source_id"}, {"userId", "user_id"}, {"userName", "user_name"}});
    if (!id || !id->empty()) return id.value_or("");
    return record.within("email").text({{"address"}}).value_or("");
}

namespace {

Result<void> read(std::string_view line, v1::UserRecord& record) {
    const JsonText json = TRY(JsonText::parse(line));
    if (auto decoded = rpc::decode_json(json.root(), record, rpc::Unknown::ignored); !decoded)
        return fail(Code::invalid_argument, "record.bad_form", decoded.error().message);
    if (record.v() < 0 || record.v() > kVersion)
        return fail(Code::invalid_argument, "record.unknown_version",
                    "the record is of format " + std::to_string(record.v()) + ", this program reads " + std::to_string(kVersion));
    if (record.has_origin()) return fail(Code::invalid_argument, "record.origin_by_hand", "take `origin` out: readers of sources set it");
    if (record.source_id().empty()) {
        for (const std::string* id : {&record.user_id(), &record.user_name(), &record.email().address()})
            if (record.source_id().empty()) record.set_source_id(*id);
    }
    if (record.source_id().empty())
        return fail(Code::invalid_argument, "record.no_id", "a record needs a sourceId, userId, userName or email.address");
    note_unknown(json.root(), rpc::plan_of(*record.GetDescriptor()), "", *record.mutable_origin());
    return {};
}

}  // namespace

Result<v1::UserRecord> map_godwit(std::string_view line) {
    Result<v1::UserRecord> record;
    if (const auto done = read(line, *record); !done) record = std::unexpected(done.error());
    return record;
}

}  // namespace godwit::migration
