// What a JSON object says of itself though it cannot be read as a whole: it is cut off, or broken in the middle. Only to name a record
// that is refused, never to take something of it.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::migration {

class Glimpse {
public:
    /// An array stands for its first element. `json` outlives it.
    explicit Glimpse(std::string_view json);

    /// The value of a member at the top as it stands, if nothing before it keeps it from being read; of one that is cut off what is there.
    std::optional<std::string_view> find(std::string_view name) const;
    /// The object within that is this member; nothing can be told of it when that is not there.
    Glimpse within(std::string_view name) const { return Glimpse(find(name).value_or("")); }

    /// Of several names in the order in which they count, each in its spellings, the first that is there: a string, or the digits of a
    /// whole number. "" when the object surely has none of them, nullopt when that cannot be told or the value cannot be read.
    using Spellings = std::initializer_list<std::string_view>;
    std::optional<std::string> text(std::initializer_list<Spellings> names) const;

private:
    std::vector<std::pair<std::string_view, std::string_view>> members_;
    bool whole_ = false;  ///< there are no others
};

}  // namespace godwit::migration
