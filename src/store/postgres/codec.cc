#include "store/postgres/codec.h"

#include <libpq-fe.h>

#include <limits>

#include "store/schema/parameters.h"

namespace godwit::store::postgres {
namespace {

using schema::programming_error;

std::size_t width_of(Oid type) { return type == kInt2 ? 2 : type == kInt4 ? 4 : 8; }

/// The low `width` bytes of `number`, most significant first.
void put_big_endian(std::int64_t number, std::size_t width, char* out) {
    auto bits = static_cast<std::uint64_t>(number);
    for (std::size_t i = width; i-- > 0; bits >>= 8) out[i] = static_cast<char>(bits & 0xff);
}

void append_big_endian(std::string& out, std::int64_t number, std::size_t width) {
    std::array<char, 8> bytes{};
    put_big_endian(number, width, bytes.data());
    out.append(bytes.data(), width);
}

std::int64_t get_big_endian(std::string_view bytes) {
    // The sign comes from the first byte.
    auto number = static_cast<std::int64_t>(static_cast<signed char>(bytes.front()));
    for (const char c : bytes.substr(1))
        number = static_cast<std::int64_t>((static_cast<std::uint64_t>(number) << 8) | static_cast<unsigned char>(c));
    return number;
}

bool fits_width(std::int64_t number, Oid type) {
    if (type == kInt8) return true;
    if (type == kInt4) return number >= std::numeric_limits<std::int32_t>::min() && number <= std::numeric_limits<std::int32_t>::max();
    return type == kInt2 && number >= std::numeric_limits<std::int16_t>::min() && number <= std::numeric_limits<std::int16_t>::max();
}

bool is_text(Oid type) { return type == kText || type == kVarchar || type == kName; }

}  // namespace

Oid natural_type(const Value& value) {
    constexpr std::array<Oid, 4> kTypes{kUnknownType, kInt8, kText, kBytea};  // in the order of Value::Data
    return kTypes[value.data().index()];
}

bool fits(const Value& value, Oid type) {
    if (std::holds_alternative<std::monostate>(value.data())) return true;
    if (const auto* number = std::get_if<std::int64_t>(&value.data())) return fits_width(*number, type);
    if (std::holds_alternative<std::string_view>(value.data())) return is_text(type);
    return type == kBytea;
}

Parameters::Parameters(InstanceNo no, std::span<const Value> values, std::span<const Oid> types) {
    numbers_.reserve(values.size() + 1);
    const auto add_number = [&](std::int64_t number, Oid type) {
        auto& bytes = numbers_.emplace_back();
        put_big_endian(number, width_of(type), bytes.data());
        pointers_.push_back(bytes.data());
        lengths_.push_back(static_cast<int>(width_of(type)));
    };
    const auto add_bytes = [&](std::string_view bytes) {
        pointers_.push_back(bytes.data() != nullptr ? bytes.data() : "");  // a null pointer would be NULL
        lengths_.push_back(static_cast<int>(bytes.size()));
    };
    add_number(no.value, types.front());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Value::Data& data = values[i].data();
        if (const auto* number = std::get_if<std::int64_t>(&data)) {
            add_number(*number, types[i + 1]);
        } else if (const auto* text = std::get_if<std::string_view>(&data)) {
            add_bytes(*text);
        } else if (const auto* blob = std::get_if<Blob>(&data)) {
            add_bytes(blob->bytes);
        } else {
            pointers_.push_back(nullptr);
            lengths_.push_back(0);
        }
    }
    formats_.assign(pointers_.size(), 1);
}

void append_copy_header(std::string& out) {
    out.append(
        "PGCOPY\n\377\r\n\0"
        "\0\0\0\0"
        "\0\0\0\0",
        19);
}

void append_copy_trailer(std::string& out) { append_big_endian(out, -1, 2); }

bool append_copy_row(std::string& out, InstanceNo no, std::span<const Value> values, std::span<const Oid> types) {
    append_big_endian(out, static_cast<std::int64_t>(types.size()), 2);
    const auto add_number = [&](std::int64_t number, Oid type) {
        append_big_endian(out, static_cast<std::int64_t>(width_of(type)), 4);
        append_big_endian(out, number, width_of(type));
    };
    add_number(no.value, types.front());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Value::Data& data = values[i].data();
        if (!fits(values[i], types[i + 1])) return false;
        if (const auto* number = std::get_if<std::int64_t>(&data)) {
            add_number(*number, types[i + 1]);
        } else if (std::holds_alternative<std::monostate>(data)) {
            append_big_endian(out, -1, 4);
        } else {
            const auto* blob = std::get_if<Blob>(&data);
            const std::string_view bytes = blob != nullptr ? blob->bytes : std::get<std::string_view>(data);
            append_big_endian(out, static_cast<std::int64_t>(bytes.size()), 4);
            out += bytes;
        }
    }
    return true;
}

void ResultRow::check(int column) const {
    if (column < 0 || column >= PQnfields(result_)) programming_error("no such column in the answer", sql_);
}

std::string_view ResultRow::bytes(int column) const {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

bool ResultRow::null(int column) const {
    check(column);
    return PQgetisnull(result_, row_, column) != 0;
}

std::int64_t ResultRow::i64(int column) const {
    check(column);
    const Oid type = PQftype(result_, column);
    if (type != kInt8 && type != kInt4 && type != kInt2 && type != kBool)
        programming_error("a column of the answer read as a number is none (sum() needs CAST(… AS BIGINT))", sql_);
    return null(column) ? 0 : get_big_endian(bytes(column));
}

std::string_view ResultRow::text(int column) const {
    check(column);
    if (!is_text(PQftype(result_, column))) programming_error("a column of the answer read as text is none", sql_);
    return bytes(column);
}

std::string_view ResultRow::blob(int column) const {
    check(column);
    if (PQftype(result_, column) != kBytea) programming_error("a column of the answer read as bytes is none", sql_);
    return bytes(column);
}

}  // namespace godwit::store::postgres
