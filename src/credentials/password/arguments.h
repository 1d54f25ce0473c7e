// The parameters of one declaration, read strictly: what nobody takes is a mistake of the sender.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::password {

/// Names are compared as normalised_name() has them. Errors are refused() and name the parameter, never its value.
class Arguments {
public:
    static Result<Arguments> from(const std::map<std::string, std::string>& parameters);

    /// nullopt when it was not given.
    std::optional<std::string> take(std::string_view name);
    Result<std::string> required(std::string_view name);
    /// A whole number; `otherwise` when it was not given, and refused when there is none.
    Result<std::uint64_t> number(std::string_view name, std::optional<std::uint64_t> otherwise);
    /// One of `choices`, the first when it was not given.
    Result<std::string> choice(std::string_view name, std::initializer_list<std::string_view> choices);
    /// Bytes of `name`, whose encoding "<name>Encoding" says: utf8 (as it stands), hex or base64.
    Result<std::string> bytes(std::string_view name);

    /// Refused when something was given that nobody took.
    Result<void> finish() const;

private:
    std::map<std::string, std::string> values_;
};

}  // namespace godwit::password
