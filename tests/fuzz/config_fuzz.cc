#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/config/document.h"
#include "app/config/flags.h"
#include "app/config/load.h"

// What loads is printed, and what is printed loads again as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit::config;
    const Source source{.name = "fuzz.yaml", .yaml = std::string(reinterpret_cast<const char*>(data), size)};
    const auto loaded = load({&source, 1}, {});
    if (!loaded) return 0;
    (void)validate(loaded->config);
    const Source printed{.name = "printed.yaml", .yaml = effective_yaml(loaded->config)};
    const auto again = load({&printed, 1}, {});
    if (again && effective_yaml(again->config) != printed.yaml) std::abort();
    return 0;
}
