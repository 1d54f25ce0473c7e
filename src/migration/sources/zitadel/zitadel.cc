#include "migration/sources/zitadel/zitadel.h"

#include "base/encoding.h"
#include "base/json.h"
#include "migration/input/files.h"
#include "migration/input/glimpse.h"
#include "migration/input/json_fields.h"
#include "migration/input/lines.h"
#include "migration/sources/zitadel/document.h"

namespace godwit::migration {
namespace {

class ZitadelSource final : public Source {
public:
    ZitadelSource(ZitadelDocument document, std::string unread) : document_(std::move(document)) {
        warn_of_unread(std::move(unread), warnings_);
        for (std::size_t i = 0; i < document_.files(); ++i) total_bytes_ += document_.stored(i).stored_bytes();
    }

    Result<bool> next(RawRecord& out) override {
        out.joined.clear();
        out.error.reset();
        for (; organization_ < document_.organizations().size(); ++organization_) {
            const auto& organization = document_.organizations()[organization_];
            for (; list_ < 2; ++list_, position_ = 0) {
                const JsonRange users = list_ == 0 ? organization.humans : organization.machines;
                JsonRange user;
                if (!users || !TRY(document_.file(organization.file).next_element(users, position_, user))) continue;
                out.number = ++number_;
                TRY(read(organization, user, out));
                return true;
            }
            list_ = 0;
        }
        finish();
        return false;
    }
    Result<v1::UserRecord> map(const RawRecord& raw) const override {
        if (raw.error) return std::unexpected(*raw.error);
        v1::UserRecord record = TRY(map_zitadel_user(raw.bytes));
        record.mutable_origin()->set_record(raw.number);
        return record;
    }
    std::string id_of(const RawRecord& raw) const override {
        std::string_view user = raw.bytes;  // of one that is too long: the user's begin alone
        const Glimpse organization(raw.bytes);
        for (const char* list : {"humanUsers", "machineUsers"}) user = organization.find(list).value_or(user);
        const auto id = Glimpse(user).text({{"userId", "user_id"}});
        if (!id || !id->empty()) return id.value_or("");
        return Glimpse(user).within("user").text({{"userId", "user_id"}, {"userName", "user_name"}}).value_or("");
    }
    std::map<std::string, std::uint64_t> others() const override { return document_.others(); }
    std::vector<SourceWarning> warnings() const override { return warnings_; }
    std::pair<std::string, std::string> frame() const override { return {"{\"orgs\":[\n", "\n]}\n"}; }
    std::string_view separator() const override { return ",\n"; }
    std::uint64_t total_bytes() const override { return total_bytes_; }
    std::uint64_t read_bytes() const override {
        if (organization_ >= document_.organizations().size()) return total_bytes_;
        std::uint64_t behind = 0;
        const std::size_t file = document_.organizations()[organization_].file;
        for (std::size_t i = 0; i < file; ++i) behind += document_.stored(i).stored_bytes();
        return behind + document_.stored(file).stored_at(position_);
    }

private:
    /// The user as an organization of their own, with what other lists say of them.
    Result<void> read(const ZitadelDocument::Organization& organization, JsonRange user, RawRecord& out) {
        JsonFile& file = document_.file(organization.file);
        const std::string place = document_.stored(organization.file).path() + ", byte " + std::to_string(user.begin);
        if (user.size() > kMaxRecordBytes) {
            out.error = record_too_long(place + ":");
            out.bytes = TRY(file.bytes({user.begin, user.begin + kMaxRecordBytes}, kMaxRecordBytes));
            return {};
        }
        const std::string bytes = TRY(file.bytes(user, kMaxRecordBytes));
        JsonObject own;
        own.set_if("orgId", organization.id);
        if (!organization.name.empty()) own.set_json("org", "{\"name\":" + json_string(organization.name) + "}");
        if (!organization.domain.empty())
            own.set_json("domains", "[{\"domainName\":" + json_string(organization.domain) + ",\"isVerified\":true,\"isPrimary\":true}]");
        own.set_json(list_ == 0 ? "humanUsers" : "machineUsers", "[" + bytes + "]");
        out.bytes.clear();
        if (const auto parsed = JsonText::parse(bytes); parsed && parsed->root().is_object()) {
            v1::Origin ignored;
            const std::string id = JsonFields(parsed->root(), "", ignored).text({"userId", "user_id"});
            std::map<std::string, std::string> lists;
            if (!id.empty()) {
                for (auto& [kind, element] : TRY(document_.joined_to(id))) {
                    ++matched_;
                    if (ZitadelDocument::kJoined[kind].first == "userGrants") add_owner(organization, element, out.bytes);
                    std::string& list = lists[std::string(ZitadelDocument::kJoined[kind].first)];
                    list += (list.empty() ? "" : ",") + element;
                }
            }
            for (const auto& [name, list] : lists) own.set_json(name, "[" + list + "]");
        }
        out.bytes = own.text() + out.bytes;
        return {};
    }

    /// Of a grant on a project of another organization: ",{"orgId":…,"projects":[…]}".
    void add_owner(const ZitadelDocument::Organization& organization, const std::string& grant, std::string& bytes) {
        const auto parsed = JsonText::parse(grant);
        if (!parsed) return;
        v1::Origin ignored;
        const std::string project = JsonFields(parsed->root(), "", ignored).text({"projectId", "project_id"});
        const std::string owner = document_.owner_of(project);
        if (owner.empty() || owner == organization.id) return;
        bytes += ",{\"orgId\":" + json_string(owner) + ",\"projects\":[{\"projectId\":" + json_string(project) + "}]}";
    }

    void finish() {
        if (done_) return;
        done_ = true;
        if (number_ == 0) warnings_.push_back({"source.no_users", "the export has no users; export again, with the right organizations"});
        if (matched_ < document_.joined())
            warnings_.push_back(
                {"source.unmatched", std::to_string(document_.joined() - matched_) +
                                         " entries of metadata, grants, links, keys or members are of users that are not in these files"});
    }

    ZitadelDocument document_;
    std::uint64_t total_bytes_ = 0, number_ = 0, matched_ = 0, position_ = 0;
    std::size_t organization_ = 0, list_ = 0;
    std::vector<SourceWarning> warnings_;
    bool done_ = false;
};

Result<std::unique_ptr<Source>> open(const SourceOptions& options) {
    auto document = TRY(ZitadelDocument::read(TRY(list_files(options.paths, {".json"})), options.scratch));
    return std::make_unique<ZitadelSource>(std::move(document), unread_in(options.paths, {".json"}));
}

}  // namespace

SourceKind zitadel_kind() { return {"zitadel", "export file (POST /admin/v1/export), or a file its import takes", open}; }

}  // namespace godwit::migration
