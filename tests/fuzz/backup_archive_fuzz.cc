#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "maintenance/archive.h"

// What is read is what would be written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit::maintenance;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto member = read_tar_header(bytes.substr(0, kTarBlock)); member && (member->bytes < 0 || member->name.size() > 100))
        std::abort();
    if (const auto manifest = read_manifest(bytes)) {
        const auto again = read_manifest(to_text(*manifest));
        if (!again || again->sha256 != manifest->sha256) std::abort();
    }
    return 0;
}
