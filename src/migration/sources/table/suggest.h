// A mapping proposed by the names of columns and a look at their values.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "migration/sources/table/mapping.h"

namespace godwit::migration {

/// What the first rows of a table show.
class TableProfile {
public:
    void add(const std::vector<std::string>& fields, const Row& row);

    /// A mapping file. Columns nobody recognises are lines that are commented out.
    std::string mapping(char delimiter) const;
    /// Whether something says who a record is.
    bool knows_who() const;
    /// Columns of digits where nearly all values have one length and the others are shorter: those may have lost zeros at their front.
    std::map<std::string, std::size_t> lengths() const;
    const std::vector<std::string>& columns() const { return order_; }

private:
    struct Column {
        std::uint64_t filled = 0, emails = 0, hashes = 0, digits = 0, leading_zeros = 0;
        std::set<std::string> values;  ///< as long as they are few
        std::map<std::size_t, std::uint64_t> digit_lengths;
        std::uint64_t damaged = 0;
        std::string damage, damaged_value;  ///< the code and the value of the first
    };
    std::string target(const std::string& name, const Column& column) const;
    std::string damages() const;
    std::vector<std::string> order_;
    std::map<std::string, Column> columns_;
};

}  // namespace godwit::migration
