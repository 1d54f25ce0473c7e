// Which kind of source files are, when nobody said it.
#include <ranges>

#include "base/text.h"
#include "migration/input/files.h"
#include "migration/input/input.h"
#include "migration/sources/source.h"

namespace godwit::migration {
namespace {

constexpr std::size_t kLook = 64 * 1024;
constexpr std::size_t kFiles = 20;

std::string_view kind_of(const std::string& name, std::string_view text) {
    const std::size_t at = text.find_first_not_of(" \t\r\n");
    const char first = at == std::string_view::npos ? '\0' : text[at];
    const auto holds = [text](std::string_view word) { return text.contains(word); };
    if (first != '{' && first != '[') {
        if (holds("auth0|")) return "auth0";
        return name.ends_with(".tsv") || (holds("\t") && !holds(",")) ? "tsv" : "csv";
    }
    if (holds("\"orgs\"") || holds("\"dataOrgs") || holds("\"data_orgs")) return "zitadel";
    if (holds("\"realm\"")) return "keycloak";
    if (holds("\"user_id\"") || holds("\"custom_password_hash\"") || holds("\"password_hash\"")) return "auth0";
    if (holds("\"sourceId\"") || holds("\"userName\"") || holds("\"source_id\"")) return "godwit";
    return first == '{' ? "ndjson" : "auth0";
}

}  // namespace

Result<const SourceKind*> guess_source_kind(std::span<const std::string> paths) {
    const auto files = TRY(list_files(paths, {".json", ".ndjson", ".jsonl", ".csv", ".tsv", ".txt"}));
    std::string_view found;
    bool any = false;
    for (const std::string& file : files | std::views::take(kFiles)) {
        Input input = TRY(Input::open(file));
        std::string text(kLook, '\0');
        text.resize(TRY(input.read(text)));
        any = any || !text.empty();
        const std::string_view kind = kind_of(to_ascii_lower(plain_name(file)), text);
        // A folder may hold a file that says little beside one that says it.
        if (found.empty() || kind == "keycloak") found = kind;
    }
    if (!any) return fail(Code::invalid_argument, "MIGRATE-Kind2", files.front() + " is empty: nothing in it says what it is");
    return find_source_kind(found);
}

}  // namespace godwit::migration
