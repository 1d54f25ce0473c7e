// The files of texts, compiled in (cmake/GodwitEmbed.cmake).
#pragma once

#include <string_view>

namespace godwit::text {

/// The bytes of e.g. "login/texts/en.json"; empty when there is no such file.
std::string_view embedded(std::string_view file_name);

}  // namespace godwit::text
