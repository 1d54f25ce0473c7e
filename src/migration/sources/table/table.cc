#include "migration/sources/table/table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "base/unicode.h"
#include "migration/input/csv.h"
#include "migration/input/files.h"
#include "migration/input/json_fields.h"
#include "migration/input/lines.h"
#include "migration/sources/table/mapping.h"
#include "migration/sources/table/rows.h"
#include "migration/sources/table/suggest.h"

namespace godwit::migration {
namespace {

/// What a proposal looks at.
constexpr std::size_t kProfiled = 10'000;

const std::initializer_list<std::string_view> kJsonEndings{".ndjson", ".jsonl", ".json"};
const std::initializer_list<std::string_view> kTabEndings{".tsv", ".tab", ".txt"};
const std::initializer_list<std::string_view> kCommaEndings{".csv", ".txt"};

std::initializer_list<std::string_view> endings_of(std::string_view kind) {
    return kind == "ndjson" ? kJsonEndings : kind == "tsv" ? kTabEndings : kCommaEndings;
}

Result<std::vector<std::string>> files_of(std::string_view kind, const SourceOptions& options) {
    return list_files(options.paths, endings_of(kind));
}

struct Look {
    TableProfile profile;
    char delimiter = '\0';
};

Result<Look> look_at(std::string_view kind, const std::vector<std::string>& files, char delimiter) {
    Look out;
    if (kind == "ndjson") {
        Lines lines = TRY(Lines::open(files));
        std::string line;
        for (std::size_t i = 0; i < kProfiled && TRY(lines.next(line)); ++i)
            if (const auto row = lines.too_long() ? fail(Code::unknown, "", "") : JsonRow::parse(line))
                out.profile.add(row->leaves(), *row);
        return out;
    }
    CsvRows rows = TRY(CsvRows::open(files, kind == "tsv" ? '\t' : delimiter));
    out.delimiter = rows.delimiter();
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < kProfiled && TRY(rows.next(cells)); ++i)
        if (!rows.too_long()) out.profile.add(rows.header(), CsvRow(rows.header(), cells));
    return out;
}

/// Before something is made of what the columns are called: that they are columns.
Result<void> check_is_table(std::string_view kind, const TableProfile& profile, const std::string& file) {
    if (!profile.columns().empty() && std::ranges::all_of(profile.columns(), is_valid_utf8)) return {};
    if (kind != "ndjson" && !profile.columns().empty())
        return fail(Code::invalid_argument, "MIGRATE-Map5",
                    file +
                        " is no table in UTF-8, but perhaps in Windows-1252 or Latin-1: export again as UTF-8, or convert it (iconv -f "
                        "WINDOWS-1252 -t UTF-8)");
    if (kind == "ndjson")
        return fail(Code::invalid_argument, "MIGRATE-Map5", file + " holds no line that is a JSON object with names in UTF-8");
    return fail(Code::invalid_argument, "MIGRATE-Map5",
                file + " is no table: its first line with text in UTF-8 names the columns, and a second line has values");
}

Result<Mapping> mapping_for(std::string_view kind, const std::vector<std::string>& files, const SourceOptions& options) {
    std::optional<Mapping> mapping;
    if (!options.mapping.empty()) {
        mapping = TRY(Mapping::parse(TRY(read_small_file(options.mapping)), options.mapping));
    }
    const Look look = TRY(look_at(kind, files, mapping ? mapping->delimiter() : '\0'));
    if (!mapping) {
        TRY(check_is_table(kind, look.profile, files.front()));
        if (!look.profile.knows_who())
            return fail(Code::invalid_argument, "MIGRATE-Map4",
                        "no column is known to say who a record is: propose a mapping with `godwit migrate map --suggest " + files.front() +
                            "`, look it over and give it with --mapping");
        mapping = TRY(Mapping::parse(look.profile.mapping(look.delimiter), "the proposed mapping"));
    }
    mapping->set_lengths(look.profile.lengths());
    return std::move(*mapping);
}

/// What both kinds of table have in common.
class TableSource : public Source {
public:
    TableSource(Mapping mapping, std::string unread) : mapping_(std::move(mapping)) { warn_of_unread(std::move(unread), warnings_); }

    Result<v1::UserRecord> map(const RawRecord& raw) const override {
        if (raw.error) return std::unexpected(*raw.error);
        v1::UserRecord record = TRY(map_row(raw));
        record.mutable_origin()->set_record(raw.number);
        return record;
    }
    std::vector<SourceWarning> warnings() const override { return warnings_; }

protected:
    virtual Result<v1::UserRecord> map_row(const RawRecord& raw) const = 0;
    void start(RawRecord& out) {
        out.joined.clear();
        out.error.reset();
    }
    void count(RawRecord& out) { out.number = ++number_; }
    void finish() {
        if (number_ == 0 && !std::exchange(done_, true)) warnings_.push_back({"source.no_users", "the files hold no record"});
    }
    /// Whether what the mapping does not name is to be said.
    bool says_rest() const { return !mapping_.keeps_rest() && !mapping_.ignores_rest(); }
    bool names(const std::string& field) const {
        return std::ranges::any_of(mapping_.fields(), [&](const std::string& path) {
            return path == field || path.starts_with(field + ".") || path.starts_with(field + "[") || field.starts_with(path + ".");
        });
    }
    /// Fields that nobody named, said once.
    void warn_of_unmapped(const std::vector<std::string>& fields) {
        if (!says_rest()) return;
        std::string unmapped;
        for (const std::string& field : fields)
            if (!field.empty() && !names(field)) unmapped += (unmapped.empty() ? "" : ", ") + field;
        if (!unmapped.empty()) warnings_.push_back({"source.unmapped_columns", unmapped});
    }

    Mapping mapping_;

private:
    std::vector<SourceWarning> warnings_;
    std::uint64_t number_ = 0;
    bool done_ = false;
};

class CsvSource final : public TableSource {
public:
    CsvSource(Mapping mapping, CsvRows rows, std::string unread)
        : TableSource(std::move(mapping), std::move(unread)), rows_(std::move(rows)) {
        warn_of_unmapped(rows_.header());
    }

    Result<bool> next(RawRecord& out) override {
        start(out);
        std::vector<std::string> cells;
        if (!TRY(rows_.next(cells))) return finish(), false;
        out.bytes = csv_line(cells, rows_.delimiter());
        if (rows_.too_long()) out.error = row_too_long(rows_.place());
        count(out);
        return true;
    }
    std::string id_of(const RawRecord& raw) const override {
        const auto cells = parse_csv_line(raw.bytes, rows_.delimiter());
        return mapping_.id_of(CsvRow(rows_.header(), cells));
    }
    std::pair<std::string, std::string> frame() const override { return {csv_line(rows_.header(), rows_.delimiter()) + "\n", "\n"}; }
    std::uint64_t total_bytes() const override { return rows_.total_bytes(); }
    std::uint64_t read_bytes() const override { return rows_.read_bytes(); }

protected:
    Result<v1::UserRecord> map_row(const RawRecord& raw) const override {
        const auto cells = parse_csv_line(raw.bytes, rows_.delimiter());
        v1::UserRecord record = TRY(mapping_.map(CsvRow(rows_.header(), cells)));
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i < rows_.header().size() && !rows_.header()[i].empty()) continue;
            const std::string name = "column " + std::to_string(i + 1);
            if (trim(cells[i]).empty() || mapping_.fields().contains(name)) continue;
            if (mapping_.keeps_rest()) {
                note(*record.mutable_origin(), "sheet.extra_cells");
            } else {
                note_lost(*record.mutable_origin(), "sheet.extra_cells", name);
            }
        }
        return record;
    }

private:
    CsvRows rows_;
};

class NdjsonSource final : public TableSource {
public:
    NdjsonSource(Mapping mapping, Lines lines, const std::vector<std::string>& fields, std::string unread)
        : TableSource(std::move(mapping), std::move(unread)), lines_(std::move(lines)), seen_(fields.begin(), fields.end()) {
        warn_of_unmapped(fields);
    }

    Result<bool> next(RawRecord& out) override {
        start(out);
        if (!TRY(lines_.next(out.bytes))) return finish(), false;
        if (lines_.too_long()) out.error = record_too_long(lines_.place() + ":");
        count(out);
        return true;
    }
    std::string id_of(const RawRecord& raw) const override {
        const auto row = raw.error ? fail(Code::unknown, "", "") : JsonRow::parse(raw.bytes);
        if (row) return mapping_.id_of(*row);
        const GlimpsedRow glimpsed(raw.bytes);
        std::string id = mapping_.id_of(glimpsed);
        return glimpsed.hidden() ? std::string() : id;
    }
    std::uint64_t total_bytes() const override { return lines_.total_bytes(); }
    std::uint64_t read_bytes() const override { return lines_.read_bytes(); }

protected:
    Result<v1::UserRecord> map_row(const RawRecord& raw) const override {
        const JsonRow row = TRY(JsonRow::parse(raw.bytes));
        v1::UserRecord record = TRY(mapping_.map(row));
        if (!says_rest()) return record;
        // Of fields that the first records have, the warning tells.
        for (const std::string& field : row.leaves())
            if (!seen_.contains(field) && !names(field)) note_lost(*record.mutable_origin(), "record.unknown_member", field);
        return record;
    }

private:
    Lines lines_;
    const std::set<std::string> seen_;
};

Result<std::unique_ptr<Source>> open_rows(std::string_view kind, const SourceOptions& options) {
    const auto files = TRY(files_of(kind, options));
    Mapping mapping = TRY(mapping_for(kind, files, options));
    const char delimiter = kind == "tsv" ? '\t' : mapping.delimiter();
    CsvRows rows = TRY(CsvRows::open(files, delimiter));
    return std::make_unique<CsvSource>(std::move(mapping), std::move(rows), unread_in(options.paths, endings_of(kind)));
}

Result<std::unique_ptr<Source>> open_csv(const SourceOptions& options) { return open_rows("csv", options); }
Result<std::unique_ptr<Source>> open_tsv(const SourceOptions& options) { return open_rows("tsv", options); }

Result<std::unique_ptr<Source>> open_ndjson(const SourceOptions& options) {
    const auto files = TRY(files_of("ndjson", options));
    Mapping mapping = TRY(mapping_for("ndjson", files, options));
    const Look look = TRY(look_at("ndjson", files, '\0'));
    return std::make_unique<NdjsonSource>(std::move(mapping), TRY(Lines::open(files)), look.profile.columns(),
                                          unread_in(options.paths, endings_of("ndjson")));
}

}  // namespace

SourceKind csv_kind() { return {"csv", "a table with commas or semicolons, and what its columns are (--mapping)", open_csv, false, true}; }
SourceKind tsv_kind() { return {"tsv", "a table with tabs", open_tsv, false, true}; }
SourceKind ndjson_kind() {
    return {"ndjson", "JSON objects of any form, one a line, and what their fields are (--mapping)", open_ndjson, false, true};
}

Result<std::string> suggest_mapping(std::string_view kind, const SourceOptions& options) {
    const auto files = TRY(files_of(kind, options));
    const Look look = TRY(look_at(kind, files, '\0'));
    TRY(check_is_table(kind, look.profile, files.front()));
    return look.profile.mapping(look.delimiter);
}

}  // namespace godwit::migration
