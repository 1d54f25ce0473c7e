#include "migration/input/csv.h"

#include <csv.h>
#include <sys/stat.h>

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "base/text.h"
#include "migration/input/files.h"
#include "migration/input/lines.h"

namespace godwit::migration {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
/// Of a row. A cell takes memory even if it holds a byte.
constexpr std::size_t kMaxCells = 100'000;
/// csv_parser.pstate within a field: of a quoted one, the closing quote has not come.
constexpr int kWithinField = 2;

/// What libcsv calls for each field and at the end of each row.
struct Rows {
    struct Row {
        std::vector<std::string> cells = {};
        bool too_long = false;  ///< the rest is thrown away
    };
    std::deque<Row> done;
    Row current;
    std::size_t bytes = 0;   ///< of `current`
    std::size_t thrown = 0;  ///< bytes of the field under way that nobody keeps

    static void field(void* text, std::size_t length, void* self) {
        Rows& rows = *static_cast<Rows*>(self);
        Row& row = rows.current;
        rows.thrown = 0;
        row.too_long = row.too_long || rows.bytes + length > kMaxRecordBytes || row.cells.size() == kMaxCells;
        if (row.too_long) return;
        rows.bytes += length;
        row.cells.emplace_back(static_cast<const char*>(text), length);
    }
    static void row(int, void* self) {
        Rows& rows = *static_cast<Rows*>(self);
        rows.done.push_back(std::exchange(rows.current, {}));
        rows.bytes = 0;
    }
};

char delimiter_of(std::string_view header) {
    char best = ',';
    std::ptrdiff_t most = 0;
    for (const char candidate : {',', ';', '\t', '|'}) {
        const auto count = std::ranges::count(header, candidate);
        if (count > most) most = count, best = candidate;
    }
    return best;
}

}  // namespace

/// libcsv, and the rows it has found ahead of us. Not strict: a stray quote within a field is a character, as spreadsheets write it.
class CsvRows::Parser {
public:
    explicit Parser(char delimiter) {
        ::csv_init(&parser_, 0);
        ::csv_set_delim(&parser_, static_cast<unsigned char>(delimiter));
        ::csv_set_blk_size(&parser_, 16 * kChunk);  // of 128 bytes a long field would be copied each time
    }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    ~Parser() { ::csv_free(&parser_); }

    Result<void> feed(std::string_view bytes) {
        if (::csv_parse(&parser_, bytes.data(), bytes.size(), Rows::field, Rows::row, &rows) != bytes.size())
            return fail(Code::resource_exhausted, "MIGRATE-Cs1", ::csv_strerror(::csv_error(&parser_)));
        // Whoever forgot a quote has not one long row: every row up to the next quote would be lost with it.
        if (parser_.quoted != 0 && parser_.pstate == kWithinField && rows.thrown + parser_.entry_pos > kMaxRecordBytes)
            return not_closed("a quoted field goes on for more than 16 MiB");
        if (rows.current.too_long || parser_.entry_pos + rows.bytes > kMaxRecordBytes) {
            rows.current.too_long = true;
            // What it keeps of the field under way goes, but for the one character that it takes for a quote when the field ends.
            const std::size_t kept = std::min<std::size_t>(parser_.entry_pos, 1);
            rows.thrown += parser_.entry_pos - kept;
            parser_.entry_pos = kept;
            parser_.spaces = 0;
        }
        return {};
    }
    Result<void> finish() {
        ::csv_set_opts(&parser_, CSV_STRICT | CSV_STRICT_FINI);
        if (::csv_fini(&parser_, Rows::field, Rows::row, &rows) != 0) return not_closed("the file ends within a quoted field");
        return {};
    }

    Rows rows;

private:
    static std::unexpected<Error> not_closed(const std::string& what) {
        return fail(Code::invalid_argument, "MIGRATE-Cs2", what + ": a quote that is not closed?");
    }

    csv_parser parser_{};
};

CsvRows::CsvRows(CsvRows&&) noexcept = default;
CsvRows& CsvRows::operator=(CsvRows&&) noexcept = default;
CsvRows::~CsvRows() = default;

Result<CsvRows> CsvRows::open(std::vector<std::string> paths, char delimiter) {
    CsvRows out;
    out.paths_ = std::move(paths);
    out.delimiter_ = delimiter;
    for (const std::string& path : out.paths_) {
        struct stat about{};
        if (::stat(path.c_str(), &about) == 0) out.total_bytes_ += static_cast<std::uint64_t>(about.st_size);
    }
    TRY(out.open_file(0));
    return out;
}

Result<void> CsvRows::open_file(std::size_t index) {
    const std::string& path = paths_[index];
    at_ = index;
    row_ = 0;
    input_ = TRY(Input::open(path));
    if (delimiter_ == '\0') {
        std::string first;
        Lines lines = TRY(Lines::open({path}));
        TRY(lines.next(first));
        delimiter_ = delimiter_of(first);
    }
    parser_ = std::make_unique<Parser>(delimiter_);
    std::vector<std::string> header;
    const bool any = TRY(row(header));
    if (too_long_) return fail(Code::invalid_argument, "MIGRATE-Cs2", row_too_long(place()).message);
    if (!any) return fail(Code::invalid_argument, "MIGRATE-Cs3", path + " is empty; a first row with the names of the columns is due");
    const auto is_text = [](char c) { return static_cast<unsigned char>(c) >= ' ' || is_ascii_space(c); };
    if (!std::ranges::all_of(header, [&](const std::string& name) { return std::ranges::all_of(name, is_text); }))
        return fail(Code::invalid_argument, "MIGRATE-Cs6", path + " is no table: its first row holds bytes that are no text");
    if (index > 0 && header != header_)
        return fail(Code::invalid_argument, "MIGRATE-Cs4",
                    path + ": its columns are not those of " + paths_.front() + ", give it in a run of its own");
    std::set<std::string_view> names;
    for (const std::string& name : header)
        if (!name.empty() && !names.insert(name).second)
            return fail(Code::invalid_argument, "MIGRATE-Cs5", path + ": two columns are called \"" + name + "\"");
    header_ = std::move(header);
    return {};
}

Result<bool> CsvRows::row(std::vector<std::string>& fields) {
    std::string chunk(kChunk, '\0');
    while (parser_->rows.done.empty()) {
        const std::size_t got = TRY(input_->read(chunk));
        auto fed = got == 0 ? parser_->finish() : parser_->feed(std::string_view(chunk).substr(0, got));
        if (!fed) {
            ++row_;
            return std::unexpected(in_file(place(), fed.error()));
        }
        if (got == 0 && parser_->rows.done.empty()) return false;
    }
    fields = std::move(parser_->rows.done.front().cells);
    too_long_ = parser_->rows.done.front().too_long;
    parser_->rows.done.pop_front();
    ++row_;
    return true;
}

Result<bool> CsvRows::next(std::vector<std::string>& fields) {
    while (input_) {
        while (TRY(row(fields))) {
            if (too_long_ || !std::ranges::all_of(fields, &std::string::empty)) return true;
        }
        behind_ += input_->stored_bytes();
        input_.reset();
        if (at_ + 1 < paths_.size()) TRY(open_file(at_ + 1));
    }
    return false;
}

std::string CsvRows::place() const { return paths_[at_] + ", row " + std::to_string(row_); }

std::uint64_t CsvRows::read_bytes() const { return behind_ + (input_ ? input_->read_bytes() : 0); }

Error row_too_long(const std::string& place) {
    return record_too_long(place + ": a row of more than " + std::to_string(kMaxCells) + " cells, or");
}

std::vector<std::string> parse_csv_line(std::string_view line, char delimiter) {
    csv_parser parser{};
    ::csv_init(&parser, 0);
    ::csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
    ::csv_set_blk_size(&parser, line.size() + 1);
    Rows rows;
    ::csv_parse(&parser, line.data(), line.size(), Rows::field, Rows::row, &rows);
    ::csv_fini(&parser, Rows::field, Rows::row, &rows);
    ::csv_free(&parser);
    return rows.done.empty() ? std::vector<std::string>() : std::move(rows.done.front().cells);
}

std::string csv_line(std::span<const std::string> fields, char delimiter) {
    std::string out;
    for (const std::string& field : fields) {
        if (&field != fields.data()) out += delimiter;
        // White space at the ends would be taken off an unquoted field, and a row of one empty field would be a blank line.
        const bool quoted =
            field.find_first_of("\"\r\n\t ") != std::string::npos || field.contains(delimiter) || (field.empty() && fields.size() == 1);
        if (!quoted) {
            out += field;
            continue;
        }
        out += '"';
        for (const char c : field) {
            if (c == '"') out += '"';
            out += c;
        }
        out += '"';
    }
    return out;
}

}  // namespace godwit::migration
