// The codes of a migration's report: one catalogue, from which docs/migrate/codes.md is generated.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace godwit::migration {

/// What a code does to the record it stands in.
enum class Weight {
    note,     ///< everything arrived; something to know
    lost,     ///< the record arrived without this part: its outcome is `partial`
    refused,  ///< the record did not arrive: `failed`, or `skipped` where the run's options say so
};

struct Code {
    std::string_view name;  ///< "password.unknown_hash"
    Weight weight;
    std::string_view sentence;  ///< for operators: what happened and what to do
};

/// What leaves a record out on purpose: the one refusal that is no failure.
inline constexpr std::string_view kLeftOut = "record.skipped";

std::span<const Code> codes();
/// nullptr for a name that is not in the catalogue.
const Code* find_code(std::string_view name);
/// docs/migrate/codes.md.
std::string codes_document();

}  // namespace godwit::migration
