// Tables: what stands before a line of dashes is the mapping, what follows the rows, as CSV and as JSON lines.
#include <string_view>

#include "migration/sources/table/mapping.h"
#include "migration/sources/table/table.h"
#include "source_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t dashes = text.find("\n-----\n");
    const std::size_t begin = dashes == std::string_view::npos ? 0 : dashes + 7;
    const godwit::fuzz::MemoryFile rows(data + begin, size - begin);
    const godwit::fuzz::MemoryFile mapping(data, begin == 0 ? 0 : dashes + 1);
    for (const auto& kind : {godwit::migration::csv_kind(), godwit::migration::tsv_kind(), godwit::migration::ndjson_kind()})
        godwit::fuzz::run_source(kind, {.paths = {rows.path()}, .mapping = begin == 0 ? std::string() : mapping.path()});
    if (const auto proposed = godwit::migration::suggest_mapping("csv", {.paths = {rows.path()}}))
        (void)godwit::migration::Mapping::parse(*proposed, "proposed");
    return 0;
}
