// Rows of CSV and lines of NDJSON, as a mapping sees them.
#pragma once

#include <map>

#include "migration/input/json_fields.h"
#include "migration/sources/table/mapping.h"

namespace godwit::migration {

class CsvRow final : public Row {
public:
    /// Both outlive it. Cells beyond the header are "column 7".
    CsvRow(const std::vector<std::string>& header, const std::vector<std::string>& cells) : header_(header), cells_(cells) {}
    std::optional<std::string> text(std::string_view field) const override;
    std::string json(std::string_view) const override { return {}; }
    std::optional<std::vector<std::string>> texts(std::string_view) const override { return std::nullopt; }
    std::vector<std::string> fields() const override;

private:
    std::string name(std::size_t index) const;
    const std::vector<std::string>& header_;
    const std::vector<std::string>& cells_;
};

class JsonRow final : public Row {
public:
    /// Error: record.bad_json, record.not_utf8, record.bad_form (no object).
    static Result<JsonRow> parse(std::string_view line);
    std::optional<std::string> text(std::string_view field) const override;
    std::string json(std::string_view field) const override;
    std::optional<std::vector<std::string>> texts(std::string_view field) const override;
    std::vector<std::string> fields() const override;
    /// The paths of all that is no object or list, and of lists of texts: "address.city".
    std::vector<std::string> leaves() const;

private:
    explicit JsonRow(JsonText json) : json_(std::move(json)) {}
    std::optional<simdjson::dom::element> find(std::string_view field) const;
    JsonText json_;
};

/// A line of NDJSON that is refused, as far as it can be read.
class GlimpsedRow final : public Row {
public:
    /// `line` outlives it.
    explicit GlimpsedRow(std::string_view line) : line_(line) {}
    std::optional<std::string> text(std::string_view field) const override;
    std::string json(std::string_view) const override { return {}; }
    std::optional<std::vector<std::string>> texts(std::string_view) const override { return std::nullopt; }
    std::vector<std::string> fields() const override { return {}; }
    /// Whether a field was asked for of which nothing can be told.
    bool hidden() const { return hidden_; }

private:
    const std::string_view line_;
    mutable bool hidden_ = false;
};

}  // namespace godwit::migration
