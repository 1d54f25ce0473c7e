// NDJSON as a client sends it: its records are the same in whatever pieces it comes, and none holds a line's end.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "migration/engine/sent_records.h"

namespace {

class Body final : public godwit::http::BodyStream {
public:
    Body(std::string_view bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}
    godwit::Result<std::string> read() override {
        const std::string out(bytes_.substr(0, piece_));
        bytes_.remove_prefix(out.size());
        return out;
    }

private:
    std::string_view bytes_;
    const std::size_t piece_;
};

std::vector<std::string> lines_of(std::string_view bytes, std::size_t piece) {
    Body body(bytes, piece);
    godwit::migration::LineRecords lines(body, false);
    std::vector<std::string> out;
    for (;;) {
        godwit::migration::RawRecord raw;
        const auto step = lines.next(raw);
        if (!step || *step == godwit::migration::RecordStream::Step::end) return out;
        if (raw.bytes.empty() || raw.bytes.find('\n') != std::string::npos) std::abort();
        const auto record = lines.map(raw);
        if (record && record->source_id().empty()) std::abort();
        out.push_back(raw.bytes);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t piece = std::max<std::size_t>(1, data[0]);
    if (lines_of(bytes, piece) != lines_of(bytes, bytes.size() + 1)) std::abort();
    return 0;
}
