// Values in PostgreSQL's binary formats.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

struct pg_result;

namespace godwit::store::postgres {

/// Type numbers of PostgreSQL's catalogue (pg_type.dat); 0: let the server infer it.
using Oid = unsigned int;
inline constexpr Oid kUnknownType = 0, kBool = 16, kBytea = 17, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kVarchar = 1043;

/// The type a value is sent as when nothing else is known.
Oid natural_type(const Value& value);
/// Whether `value` can be sent as `type`; NULL always can.
bool fits(const Value& value, Oid type);

/// Parameters of one statement, in the form libpq takes them. Keeps pointers into the values.
class Parameters {
public:
    Parameters(InstanceNo no, std::span<const Value> values, std::span<const Oid> types);

    int count() const { return static_cast<int>(pointers_.size()); }
    const char* const* pointers() const { return pointers_.data(); }
    const int* lengths() const { return lengths_.data(); }
    const int* formats() const { return formats_.data(); }

private:
    std::vector<std::array<char, 8>> numbers_;
    std::vector<const char*> pointers_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

/// The stream of COPY … WITH (FORMAT binary).
void append_copy_header(std::string& out);
/// `types` are those of all columns, instance_no first. False when a value does not fit its column.
bool append_copy_row(std::string& out, InstanceNo no, std::span<const Value> values, std::span<const Oid> types);
void append_copy_trailer(std::string& out);

/// A row of an answer in binary format. The types read are checked against the answer's: a wrong one aborts.
class ResultRow final : public Row {
public:
    ResultRow(const pg_result* result, std::string_view sql) : result_(result), sql_(sql) {}
    void move_to(int row) { row_ = row; }

    std::int64_t i64(int column) const override;
    std::string_view text(int column) const override;
    std::string_view blob(int column) const override;
    bool null(int column) const override;

private:
    std::string_view bytes(int column) const;
    void check(int column) const;

    const pg_result* result_;
    std::string_view sql_;
    int row_ = 0;
};

}  // namespace godwit::store::postgres
