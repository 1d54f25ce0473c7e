// LDAP and Spring both lead with "{name}": what follows decides whose it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace godwit::password {

struct Braced {
    std::string tag;  ///< as written
    std::string_view rest;
};
/// nullopt when the text does not begin with "{name}".
std::optional<Braced> find_braced(std::string_view encoded);

}  // namespace godwit::password
