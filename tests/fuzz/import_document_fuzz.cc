// Files of the bulk import: looking one over, and reading each of its records.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "api/admin/import_document.h"

namespace {

using godwit::api::ImportOrg;
using godwit::migration::JsonFile;
using godwit::migration::JsonRange;

void read_parts(int fd, const ImportOrg& org) {
    std::uint64_t records = 1;
    JsonFile file(fd);
    for (const auto& [field, place] : org.parts) {
        const std::unique_ptr<google::protobuf::Message> record(
            google::protobuf::MessageFactory::generated_factory()->GetPrototype(field->message_type())->New());
        const auto read = [&](JsonRange range) {
            if (range.end > place.end || range.begin < place.begin) std::abort();
            (void)godwit::api::read_record(file, range, org.id, *record);
            ++records;
        };
        if (!field->is_repeated()) {
            read(place);
            if (field->name() == "org") --records;
            continue;
        }
        const auto walked = file.walk(place, [&](JsonFile::Cursor& list) {
            return list.array([&](JsonFile::Cursor& element) -> godwit::Result<void> {
                const auto range = element.skip();
                if (!range) return std::unexpected(range.error());
                read(*range);
                return {};
            });
        });
        if (!walked) std::abort();  // what was whole once is whole again
    }
    if (records != org.records) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const int fd = ::memfd_create("import", MFD_CLOEXEC);
    if (fd < 0 || ::write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
    if (const auto document = godwit::api::ImportDocument::read(fd)) {
        for (const ImportOrg& org : document->orgs) read_parts(fd, org);
    }
    ::close(fd);
    return 0;
}
