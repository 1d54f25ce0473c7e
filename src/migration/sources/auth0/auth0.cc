#include "migration/sources/auth0/auth0.h"

#include "migration/input/csv.h"
#include "migration/input/disk_index.h"
#include "migration/input/files.h"
#include "migration/input/glimpse.h"
#include "migration/input/json_arrays.h"
#include "migration/input/json_fields.h"
#include "migration/input/lines.h"

namespace godwit::migration {
namespace {

/// The file of hashes, by the users' ids: larger than memory, and in no order.
class Passwords {
public:
    static Result<Passwords> open(const std::string& path, const std::string& scratch) {
        Seekable text = TRY(Seekable::open(path, scratch));
        JsonFile json(text.fd());
        Passwords out{std::move(text), std::move(json), DiskIndex(scratch_folder(scratch))};
        Lines lines = TRY(Lines::open({path}));
        std::string line;
        while (TRY(lines.next(line))) {
            const std::string id = lines.too_long() ? std::string() : id_of(line);
            if (id.empty()) {
                ++out.unreadable_;
                continue;
            }
            TRY(out.index_.add(id, {.begin = lines.offset(), .length = static_cast<std::uint32_t>(line.size()), .file = 0, .kind = 0}));
        }
        TRY(out.index_.finish());
        return out;
    }

    /// The line of one of these ids; "" for none.
    Result<std::string> find(const std::vector<std::string>& ids) {
        for (const std::string& id : ids) {
            for (const DiskIndex::Place& place : TRY(index_.find(id))) {
                std::string line = TRY(json_.bytes({place.begin, place.begin + place.length}, kMaxRecordBytes));
                if (id_of(line) != id) continue;
                ++matched_;
                return line;
            }
        }
        return std::string();
    }
    std::uint64_t unmatched() const { return index_.size() - std::min(matched_, index_.size()); }
    std::uint64_t unreadable() const { return unreadable_; }

private:
    Passwords(Seekable text, JsonFile json, DiskIndex index) : text_(std::move(text)), json_(std::move(json)), index_(std::move(index)) {}

    /// {"_id":{"$oid":"…"}}, {"_ID":…}, or the id as text.
    static std::string id_of(std::string_view line) {
        const auto parsed = JsonText::parse(line);
        if (!parsed || !parsed->root().is_object()) return {};
        v1::Origin ignored;
        JsonFields fields(parsed->root(), "", ignored);
        const auto id = fields.take({"_id", "_ID"});
        std::string_view text;
        if (id && id->get(text) == simdjson::SUCCESS) return std::string(text);
        return id ? JsonFields(*id, "", ignored).text({"$oid"}) : std::string();
    }

    Seekable text_;
    JsonFile json_;
    DiskIndex index_;
    std::uint64_t matched_ = 0, unreadable_ = 0;
};

/// Users as they stand in NDJSON, in a JSON array or in CSV: which it is, the first byte says.
class Users {
public:
    virtual ~Users() = default;
    virtual Result<bool> next(RawRecord& out) = 0;
    /// Pure: the JSON of one.
    virtual std::string json(const std::string& bytes) const { return bytes; }
    virtual std::pair<std::string, std::string> frame() const { return {}; }
    virtual std::string_view separator() const { return "\n"; }
    virtual std::uint64_t total_bytes() const = 0;
    virtual std::uint64_t read_bytes() const = 0;
};

void refuse_too_long(RawRecord& out, bool too_long, const std::string& place) {
    if (too_long) out.error = record_too_long(place + ":");
}

class LineUsers final : public Users {
public:
    explicit LineUsers(Lines lines) : lines_(std::move(lines)) {}
    Result<bool> next(RawRecord& out) override {
        if (!TRY(lines_.next(out.bytes))) return false;
        refuse_too_long(out, lines_.too_long(), lines_.place());
        return true;
    }
    std::uint64_t total_bytes() const override { return lines_.total_bytes(); }
    std::uint64_t read_bytes() const override { return lines_.read_bytes(); }

private:
    Lines lines_;
};

class ArrayUsers final : public Users {
public:
    explicit ArrayUsers(JsonArrays arrays) : arrays_(std::move(arrays)) {}
    Result<bool> next(RawRecord& out) override {
        if (!TRY(arrays_.next(out.bytes))) return false;
        refuse_too_long(out, arrays_.too_long(), arrays_.place());
        return true;
    }
    std::pair<std::string, std::string> frame() const override { return {"[\n", "\n]\n"}; }
    std::string_view separator() const override { return ",\n"; }
    std::uint64_t total_bytes() const override { return arrays_.total_bytes(); }
    std::uint64_t read_bytes() const override { return arrays_.read_bytes(); }

private:
    JsonArrays arrays_;
};

class RowUsers final : public Users {
public:
    explicit RowUsers(CsvRows rows) : rows_(std::move(rows)) {}
    Result<bool> next(RawRecord& out) override {
        std::vector<std::string> row;
        if (!TRY(rows_.next(row))) return false;
        out.bytes = csv_line(row, rows_.delimiter());
        if (rows_.too_long()) out.error = row_too_long(rows_.place());
        return true;
    }
    std::string json(const std::string& bytes) const override {
        return auth0_row_as_json(rows_.header(), parse_csv_line(bytes, rows_.delimiter()));
    }
    std::pair<std::string, std::string> frame() const override { return {csv_line(rows_.header(), rows_.delimiter()) + "\n", "\n"}; }
    std::uint64_t total_bytes() const override { return rows_.total_bytes(); }
    std::uint64_t read_bytes() const override { return rows_.read_bytes(); }

private:
    CsvRows rows_;
};

Result<std::unique_ptr<Users>> open_users(const std::vector<std::string>& files, const std::string& scratch) {
    std::string begin(4096, '\0');
    Input first = TRY(Input::open(files.front()));
    begin.resize(TRY(first.read(begin)));
    const std::size_t at = begin.find_first_not_of(" \t\r\n");
    const char kind = at == std::string::npos ? '{' : begin[at];
    if (kind == '{') return std::make_unique<LineUsers>(TRY(Lines::open(files)));
    if (kind != '[') return std::make_unique<RowUsers>(TRY(CsvRows::open(files)));
    JsonArrays arrays(scratch);
    for (const std::string& file : files) {
        TRY(arrays.scan(file, [&](JsonFile::Cursor& root) -> Result<void> {
            if (TRY(root.kind()) != '[')
                return fail(Code::invalid_argument, "MIGRATE-Au1", "a list of users is due, as in " + files.front());
            arrays.add(TRY(root.skip()));
            return {};
        }));
    }
    return std::make_unique<ArrayUsers>(std::move(arrays));
}

class Auth0Source final : public Source {
public:
    Auth0Source(std::unique_ptr<Users> users, std::optional<Passwords> passwords, std::string unread)
        : users_(std::move(users)), passwords_(std::move(passwords)) {
        warn_of_unread(std::move(unread), warnings_);
        if (passwords_ && passwords_->unreadable() > 0)
            warnings_.push_back(
                {"source.bad_lines", std::to_string(passwords_->unreadable()) + " lines of the password file have no readable _id"});
    }

    Result<bool> next(RawRecord& out) override {
        out.joined.clear();
        out.error.reset();
        if (!TRY(users_->next(out))) {
            finish();
            return false;
        }
        out.number = ++number_;
        if (!passwords_ || out.error) return true;
        std::string line = TRY(passwords_->find(auth0_database_ids(users_->json(out.bytes))));
        if (!line.empty()) out.joined.push_back(std::move(line));
        return true;
    }
    Result<v1::UserRecord> map(const RawRecord& raw) const override {
        if (raw.error) return std::unexpected(*raw.error);
        v1::UserRecord record = TRY(map_auth0_user(users_->json(raw.bytes), raw.joined.empty() ? std::string_view() : raw.joined.front()));
        record.mutable_origin()->set_record(raw.number);
        return record;
    }
    std::string id_of(const RawRecord& raw) const override {
        const std::string json = users_->json(raw.bytes);
        return Glimpse(json).text({{"user_id"}, {"username"}, {"email"}, {"phone_number"}}).value_or("");
    }
    std::vector<SourceWarning> warnings() const override { return warnings_; }
    std::pair<std::string, std::string> frame() const override { return users_->frame(); }
    std::string_view separator() const override { return users_->separator(); }
    std::uint64_t total_bytes() const override { return users_->total_bytes(); }
    std::uint64_t read_bytes() const override { return users_->read_bytes(); }

private:
    void finish() {
        if (std::exchange(done_, true)) return;
        if (number_ == 0) warnings_.push_back({"source.no_users", "the files hold no user"});
        if (passwords_ && passwords_->unmatched() > 0)
            warnings_.push_back({"source.unmatched", std::to_string(passwords_->unmatched()) +
                                                         " hashes of the password file are of users who are not in the user files"});
    }

    std::unique_ptr<Users> users_;
    std::optional<Passwords> passwords_;
    std::vector<SourceWarning> warnings_;
    std::uint64_t number_ = 0;
    bool done_ = false;
};

Result<std::unique_ptr<Source>> open(const SourceOptions& options) {
    const std::initializer_list<std::string_view> kEndings{".json", ".ndjson", ".jsonl", ".csv"};
    auto users = TRY(open_users(TRY(list_files(options.paths, kEndings)), options.scratch));
    std::optional<Passwords> passwords;
    if (!options.passwords.empty()) passwords = TRY(Passwords::open(options.passwords, options.scratch));
    return std::make_unique<Auth0Source>(std::move(users), std::move(passwords), unread_in(options.paths, kEndings));
}

}  // namespace

SourceKind auth0_kind() {
    return {"auth0", "user export (NDJSON, CSV) with its --passwords file, or files of the bulk import (a JSON list)", open, true};
}

}  // namespace godwit::migration
