// Rows of CSV files (RFC 4180 and what spreadsheets make of it), read forward.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migration/input/input.h"

namespace godwit::migration {

class CsvRows {
public:
    /// Opens the first file and reads its header, the names of the columns. `delimiter` 0: the one of , ; tab | that the header has most
    /// of. Errors: those of Input; invalid_argument for a file without a header, or two columns of one name.
    static Result<CsvRows> open(std::vector<std::string> paths, char delimiter = '\0');
    CsvRows(CsvRows&&) noexcept;
    CsvRows& operator=(CsvRows&&) noexcept;
    ~CsvRows();

    /// The next row that is not blank; false after the last. One longer than a record may be, or of more than 100,000 cells, comes as its
    /// first cells, and too_long() is true. Errors: those of Input; invalid_argument for a file whose columns are not those of the first,
    /// that ends within a quoted field, or where one goes on for longer than a record may.
    Result<bool> next(std::vector<std::string>& fields);
    bool too_long() const { return too_long_; }

    const std::vector<std::string>& header() const { return header_; }
    char delimiter() const { return delimiter_; }
    /// "users.csv, row 17": the header is row 1, blank lines do not count.
    std::string place() const;
    std::uint64_t total_bytes() const { return total_bytes_; }
    std::uint64_t read_bytes() const;

private:
    class Parser;
    CsvRows() = default;
    Result<void> open_file(std::size_t index);
    Result<bool> row(std::vector<std::string>& fields);

    std::vector<std::string> paths_, header_;
    std::size_t at_ = 0;
    std::optional<Input> input_;
    std::unique_ptr<Parser> parser_;
    char delimiter_ = '\0';
    std::uint64_t row_ = 0, total_bytes_ = 0, behind_ = 0;
    bool too_long_ = false;
};

/// record.too_long, of the row at `place`.
Error row_too_long(const std::string& place);
/// One row of text, as csv_line() writes it.
std::vector<std::string> parse_csv_line(std::string_view line, char delimiter);
/// Quoted where it must be; no line end.
std::string csv_line(std::span<const std::string> fields, char delimiter);

}  // namespace godwit::migration
