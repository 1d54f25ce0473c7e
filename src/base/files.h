// Small files that a person named: configuration, keys, tokens, mappings.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace godwit {

/// Also of a pipe (`<(…)`). Error: invalid_argument FILE-read, "cannot read PATH: " and why: not there, a folder, longer than `most` bytes.
Result<std::string> read_small_file(const std::string& path, std::size_t most = 16u << 20);
/// The same without the mark that some editors put before UTF-8.
Result<std::string> read_text_file(const std::string& path);

}  // namespace godwit
