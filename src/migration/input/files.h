// Which files a source is: the paths of the command line, folders opened.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace godwit::migration {

/// Files as they were given; of a folder those whose name ends in one of `endings` (".json"; ".gz" and ".zst" may follow), ordered as
/// people count: "users-2" before "users-10". Not those in folders within. Errors: not_found for a path that is not there, invalid_argument
/// for none given, a folder without such a file, or a link in it that leads out of it (what is given itself may be a link).
Result<std::vector<std::string>> list_files(std::span<const std::string> paths, std::initializer_list<std::string_view> endings);

/// Of the folders among `paths`, what list_files passes over: files of other endings, and folders within. A sentence for people; "" for
/// nothing.
std::string unread_in(std::span<const std::string> paths, std::initializer_list<std::string_view> endings);

/// "export/acme-users-0.json.gz" is "acme-users-0.json".
std::string plain_name(std::string_view path);

/// Digits by their value: "a2" before "a10".
bool counts_before(std::string_view a, std::string_view b);

/// The error with the file's name before its message.
Error in_file(std::string_view path, Error error);

}  // namespace godwit::migration
