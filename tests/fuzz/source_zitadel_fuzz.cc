// Exports of ZITADEL, in any packing.
#include "migration/sources/zitadel/zitadel.h"
#include "source_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const godwit::fuzz::MemoryFile file(data, size);
    godwit::fuzz::run_source(godwit::migration::zitadel_kind(), {.paths = {file.path()}});
    return 0;
}
