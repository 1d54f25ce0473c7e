#include "store/schema/translate.h"

#include "base/text.h"

namespace godwit::store::schema {
namespace {

constexpr bool is_word(char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_'; }

std::string_view type_of(std::string_view word, Dialect dialect) {
    if (dialect == Dialect::sqlite) return word == "SMALLINT" || word == "BIGINT" ? "INTEGER" : word;
    if (word == "BLOB") return "bytea";
    if (word == "TEXT") return "text COLLATE \"C\"";
    return word;
}

/// Copies a quoted string or name, doubled quotes included; the position behind it.
std::size_t copy_quoted(std::string_view sql, std::size_t at, std::string& out) {
    const char quote = sql[at];
    const std::size_t end = sql.find(quote, at + 1);
    const std::size_t stop = end == std::string_view::npos ? sql.size() : end + 1;
    out.append(sql.substr(at, stop - at));
    return stop;
}

/// `--! engine statement` of a comment line, empty when it is for another engine or a plain comment.
std::string_view directive(std::string_view line, Dialect dialect) {
    const std::string_view mark = dialect == Dialect::sqlite ? "--! sqlite " : "--! postgres ";
    return line.starts_with(mark) ? trim(line.substr(mark.size())) : std::string_view();
}

class Translator {
public:
    explicit Translator(Dialect dialect) : dialect_(dialect) {}

    std::vector<std::string> run(std::string_view sql) {
        std::size_t at = 0;
        while (at < sql.size()) {
            const char c = sql[at];
            if (c == '-' && sql.substr(at).starts_with("--")) {
                const std::size_t end = std::min(sql.find('\n', at), sql.size());
                if (const auto own = directive(sql.substr(at, end - at), dialect_); !own.empty()) out_.emplace_back(own);
                at = end;
            } else if (c == '\'' || c == '"') {
                at = copy_quoted(sql, at, statement_);
            } else if (is_word(c)) {
                std::size_t end = at;
                while (end < sql.size() && is_word(sql[end])) ++end;
                statement_ += type_of(sql.substr(at, end - at), dialect_);
                at = end;
            } else if (c == ';') {
                finish();
                ++at;
            } else {
                statement_ += c;
                ++at;
            }
        }
        finish();
        return std::move(out_);
    }

private:
    void finish() {
        std::string done(trim(statement_));
        statement_.clear();
        if (done.empty()) return;
        if (dialect_ == Dialect::sqlite && done.starts_with("CREATE TABLE ")) done += " STRICT, WITHOUT ROWID";
        out_.push_back(std::move(done));
    }

    Dialect dialect_;
    std::string statement_;
    std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> translate(std::string_view sql, Dialect dialect) { return Translator(dialect).run(sql); }

}  // namespace godwit::store::schema
