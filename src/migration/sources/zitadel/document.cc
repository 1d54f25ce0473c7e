#include "migration/sources/zitadel/document.h"

#include <algorithm>

#include "base/text.h"
#include "migration/input/files.h"
#include "migration/input/json_fields.h"
#include "migration/input/lines.h"

namespace godwit::migration {
namespace {

/// Ids, names, domains.
constexpr std::uint64_t kMaxText = 8192;
constexpr std::size_t kMaxFiles = 256;

/// Lists of an organization that hold no users, by what people call them.
constexpr std::pair<std::string_view, std::string_view> kOthers[] = {
    {"projects", "projects"},
    {"projectRoles", "project roles"},
    {"projectGrants", "project grants"},
    {"apiApps", "applications"},
    {"oidcApps", "applications"},
    {"appKeys", "application keys"},
    {"actions", "actions"},
    {"triggerActions", "action triggers"},
    {"oidcIdps", "identity providers"},
    {"jwtIdps", "identity providers"},
    {"domains", "domains"},
    {"idps", "identity providers"},
    {"loginTexts", "texts"},
};

bool is_false(std::string_view json) { return json == "false"; }

}  // namespace

std::string camel_case(std::string_view name) {
    std::string out;
    bool upper = false;
    for (const char c : name) {
        if (c == '_') {
            upper = true;
            continue;
        }
        out += upper ? ascii_upper(c) : c;
        upper = false;
    }
    return out;
}

Result<ZitadelDocument> ZitadelDocument::read(const std::vector<std::string>& paths, const std::string& scratch) {
    if (paths.size() > kMaxFiles)
        return fail(Code::invalid_argument, "MIGRATE-Zi1", "more than " + std::to_string(kMaxFiles) + " files; give them in several runs");
    ZitadelDocument out(scratch);
    out.files_.reserve(paths.size());
    for (const std::string& path : paths) {
        Seekable text = TRY(Seekable::open(path, scratch));
        JsonFile json(text.fd());
        out.files_.push_back({std::move(text), std::move(json)});
        if (auto scanned = out.scan(out.files_.size() - 1); !scanned) return std::unexpected(in_file(path, scanned.error()));
    }
    TRY(out.index_.finish());
    return out;
}

Result<void> ZitadelDocument::scan(std::size_t file) {
    const auto organizations = [&](JsonFile::Cursor& list) {
        return list.array([&](JsonFile::Cursor& organization) { return scan_organization(file, organization); });
    };
    bool found = false;
    TRY(files_[file].json.walk([&](JsonFile::Cursor& root) {
        return root.object([&](std::string_view member, JsonFile::Cursor& value) -> Result<void> {
            const std::string name = camel_case(member);
            if (name == "orgs") {
                found = true;
                return organizations(value);
            }
            if (name != "dataOrgs" && name != "dataOrgsv1") return {};
            return value.object([&](std::string_view inner, JsonFile::Cursor& list) -> Result<void> {
                if (inner != "orgs") return {};
                found = true;
                return organizations(list);
            });
        });
    }));
    if (!found)
        return fail(Code::invalid_argument, "MIGRATE-Zi2",
                    "this is no export of ZITADEL: neither `orgs` nor `dataOrgs` nor `dataOrgsv1` is in it");
    return {};
}

Result<void> ZitadelDocument::scan_organization(std::size_t file, JsonFile::Cursor& object) {
    Organization organization{.file = file, .id = {}, .name = {}, .domain = {}, .humans = {}, .machines = {}};
    std::vector<std::string> projects;
    TRY(object.object([&](std::string_view member, JsonFile::Cursor& value) -> Result<void> {
        const std::string name = camel_case(member);
        if (TRY(value.is_null())) return {};
        if (name == "projects")
            return each_text(files_[file].json, value, "projectId", [&](std::string id, JsonRange) {
                if (!id.empty()) projects.push_back(std::move(id));
                ++others_["projects"];
            });
        return scan_members(organization, name, value);
    }));
    for (std::string& project : projects) owners_.emplace(std::move(project), organization.id);
    ++others_["organizations"];
    organizations_.push_back(std::move(organization));
    return {};
}

Result<void> ZitadelDocument::scan_members(Organization& organization, std::string_view name, JsonFile::Cursor& value) {
    JsonFile& json = files_[organization.file].json;
    if (name == "orgId") {
        organization.id = TRY(text(json, value));
    } else if (name == "org") {
        return value.object([&](std::string_view member, JsonFile::Cursor& of_org) -> Result<void> {
            if (member == "name") organization.name = TRY(text(json, of_org));
            return {};
        });
    } else if (name == "humanUsers") {
        organization.humans = TRY(value.skip());
    } else if (name == "machineUsers") {
        organization.machines = TRY(value.skip());
    } else if (name == "domains") {
        return value.array([&](JsonFile::Cursor& element) -> Result<void> {
            std::string domain;
            bool primary = false;
            TRY(element.object([&](std::string_view member, JsonFile::Cursor& part) -> Result<void> {
                const std::string camel = camel_case(member);
                if (camel == "domainName") domain = TRY(text(json, part));
                if (camel == "isPrimary") primary = !is_false(TRY(json.bytes(TRY(part.skip()), kMaxText)));
                return {};
            }));
            if (primary) organization.domain = domain;
            ++others_["domains"];
            return {};
        });
    } else if (const auto* kind = std::ranges::find(kJoined, name, &std::pair<std::string_view, std::string_view>::first);
               kind != std::end(kJoined)) {
        return scan_joined(organization.file, static_cast<std::size_t>(kind - std::begin(kJoined)), value);
    } else if (const auto* other = std::ranges::find(kOthers, name, &std::pair<std::string_view, std::string_view>::first);
               other != std::end(kOthers)) {
        return value.array([&](JsonFile::Cursor&) -> Result<void> {
            ++others_[std::string(other->second)];
            return {};
        });
    } else if (name.ends_with("Policy")) {
        ++others_["policies"];
    } else if (name.ends_with("Texts") || name.ends_with("Messages")) {
        ++others_["texts"];
    } else if (name == "orgState") {
        if (TRY(text(json, value)) != "ORG_STATE_ACTIVE") ++others_["organizations that were not active"];
    } else {
        ++others_[std::string(name)];
    }
    return {};
}

Result<void> ZitadelDocument::scan_joined(std::size_t file, std::size_t kind, JsonFile::Cursor& list) {
    Result<void> added;
    TRY(each_text(files_[file].json, list, kJoined[kind].second, [&](std::string user, JsonRange element) {
        if (!added || user.empty() || element.size() > kMaxRecordBytes) return;
        added = index_.add(user, {.begin = element.begin,
                                  .length = static_cast<std::uint32_t>(element.size()),
                                  .file = static_cast<std::uint16_t>(file),
                                  .kind = static_cast<std::uint16_t>(kind)});
    }));
    return added;
}

Result<void> ZitadelDocument::each_text(JsonFile& json, JsonFile::Cursor& list, std::string_view member,
                                        const std::function<void(std::string, JsonRange)>& use) {
    return list.array([&](JsonFile::Cursor& element) -> Result<void> {
        TRY(element.kind());
        JsonRange range{element.position(), 0};
        std::string found;
        TRY(element.object([&](std::string_view name, JsonFile::Cursor& value) -> Result<void> {
            if (camel_case(name) == member) found = TRY(text(json, value));
            return {};
        }));
        range.end = element.position();
        use(std::move(found), range);
        return {};
    });
}

Result<std::string> ZitadelDocument::text(JsonFile& json, JsonFile::Cursor& value) {
    if (TRY(value.kind()) != '"') return std::string();
    const auto parsed = TRY(JsonText::parse(TRY(json.bytes(TRY(value.skip()), kMaxText))));
    return std::string(std::string_view(parsed.root()));
}

Result<std::vector<std::pair<std::size_t, std::string>>> ZitadelDocument::joined_to(const std::string& user_id) {
    std::vector<std::pair<std::size_t, std::string>> out;
    for (const DiskIndex::Place& place : TRY(index_.find(user_id))) {
        std::string bytes = TRY(files_[place.file].json.bytes({place.begin, place.begin + place.length}, kMaxRecordBytes));
        const auto parsed = TRY(JsonText::parse(bytes));
        v1::Origin ignored;
        JsonFields fields(parsed.root(), "", ignored);
        if (fields.text({"userId", "user_id", "id"}) == user_id) out.emplace_back(place.kind, std::move(bytes));
    }
    std::ranges::stable_sort(out, {}, &std::pair<std::size_t, std::string>::first);
    return out;
}

std::string ZitadelDocument::owner_of(const std::string& project_id) const {
    const auto found = owners_.find(project_id);
    return found == owners_.end() ? std::string() : found->second;
}

}  // namespace godwit::migration
