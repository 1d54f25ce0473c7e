// The files of web/login, compiled in (cmake/GodwitEmbed.cmake).
#pragma once

#include <string_view>

namespace godwit::login {

/// The bytes of e.g. "assets/style.css"; empty when there is no such file.
std::string_view embedded(std::string_view file_name);

}  // namespace godwit::login
