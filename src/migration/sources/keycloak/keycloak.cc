#include "migration/sources/keycloak/keycloak.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "migration/input/files.h"
#include "migration/input/glimpse.h"
#include "migration/input/json_arrays.h"
#include "migration/input/json_fields.h"
#include "migration/input/lines.h"

namespace godwit::migration {
namespace {

/// Of a realm's settings we read single values; a longer one is none of them.
constexpr std::uint64_t kMaxValue = 4096;

class KeycloakSource final : public Source {
public:
    static Result<std::unique_ptr<Source>> open(const SourceOptions& options) {
        auto out = std::unique_ptr<KeycloakSource>(new KeycloakSource(options));
        const auto files = TRY(list_files(options.paths, {".json"}));
        for (const std::string& file : files) TRY(out->scan(file));
        warn_of_unread(unread_in(options.paths, {".json"}), out->warnings_);
        if (out->realms_.size() > 1) {
            std::string names;
            for (const std::string& name : out->realms_) names += (names.empty() ? "" : ", ") + name;
            return fail(Code::invalid_argument, "MIGRATE-Kc1",
                        "these files are of several realms (" + names + "): give the files of one at a time, each its own organization");
        }
        if (!out->realms_.empty()) out->realm_.name = *out->realms_.begin();
        if (out->realm_.rp_id.empty()) out->realm_.rp_id = options.rp_id;
        if (out->realm_.passwordless_rp_id.empty()) out->realm_.passwordless_rp_id = options.rp_id;
        if (out->user_lists_ == 0) out->warn_of_no_users(files);
        out->warn_of_derived_roles();
        return out;
    }

    Result<bool> next(RawRecord& out) override {
        if (!TRY(users_.next(out.bytes))) {
            if (number_ == 0 && std::exchange(user_lists_, 0) > 0) warnings_.push_back({"source.no_users", "the list of users is empty"});
            return false;
        }
        out.number = ++number_;
        out.joined.clear();
        out.error.reset();
        if (users_.too_long()) out.error = record_too_long(users_.place() + ":");
        return true;
    }
    Result<v1::UserRecord> map(const RawRecord& raw) const override {
        if (raw.error) return std::unexpected(*raw.error);
        v1::UserRecord record = TRY(map_keycloak_user(raw.bytes, realm_));
        record.mutable_origin()->set_record(raw.number);
        return record;
    }
    std::string id_of(const RawRecord& raw) const override {
        return Glimpse(raw.bytes).text({{"id"}, {"username"}, {"email"}}).value_or("");
    }
    std::map<std::string, std::string> variables() const override { return {{"realm", realm_.name}}; }
    std::map<std::string, std::uint64_t> others() const override { return others_; }
    std::vector<SourceWarning> warnings() const override { return warnings_; }
    std::pair<std::string, std::string> frame() const override {
        const auto setting = [](const std::string& name, const std::string& value) {
            return value.empty() ? std::string() : "\"" + name + "\":" + json_string(value) + ",";
        };
        return {"{\"realm\":" + json_string(realm_.name) + "," + setting("webAuthnPolicyRpId", realm_.rp_id) +
                    setting("webAuthnPolicyPasswordlessRpId", realm_.passwordless_rp_id) + "\"users\":[\n",
                "\n]}\n"};
    }
    std::string_view separator() const override { return ",\n"; }
    std::uint64_t total_bytes() const override { return users_.total_bytes(); }
    std::uint64_t read_bytes() const override { return users_.read_bytes(); }

private:
    explicit KeycloakSource(const SourceOptions& options) : users_(options.scratch) {}

    Result<void> scan(const std::string& file) {
        bool known = false;
        const auto realm = [&](JsonFile::Cursor& object) -> Result<void> { return scan_realm(file, object, known); };
        TRY(users_.scan(file, [&](JsonFile::Cursor& root) -> Result<void> {
            const char kind = TRY(root.kind());
            if (kind == '[') return root.array(realm);  // all realms in one file, as `kc.sh export --file` of a whole server writes
            return kind == '{' ? realm(root) : Result<void>{};
        }));
        if (!known) warnings_.push_back({"source.ignored_file", file + " is neither a realm nor users of one"});
        return {};
    }

    Result<void> scan_realm(const std::string& file, JsonFile::Cursor& object, bool& known) {
        return object.object([&](std::string_view name, JsonFile::Cursor& value) -> Result<void> {
            if (name == "users" && TRY(value.kind()) == '[') {
                known = true;
                ++user_lists_;
                users_.add(TRY(value.skip()));
            } else if (name == "realm") {
                known = true;
                realms_.insert(TRY(text(file, value)));
            } else if (name == "webAuthnPolicyRpId") {
                realm_.rp_id = TRY(text(file, value));
            } else if (name == "webAuthnPolicyPasswordlessRpId") {
                realm_.passwordless_rp_id = TRY(text(file, value));
            } else if (name == "roles" && TRY(value.kind()) == '{') {
                return scan_roles(file, value);
            } else if (name == "groups" && TRY(value.kind()) == '[') {
                return value.array([&](JsonFile::Cursor& group) -> Result<void> {
                    ++others_["groups"];
                    return scan_group(file, group);
                });
            } else if (const std::string_view label = counted(name); !label.empty() && TRY(value.kind()) == '[') {
                return value.array([&](JsonFile::Cursor&) -> Result<void> {
                    ++others_[std::string(label)];
                    return {};
                });
            }
            return {};
        });
    }

    static std::string_view counted(std::string_view member) {
        if (member == "clients" || member == "organizations") return member;
        if (member == "identityProviders") return "identity providers";
        if (member == "clientScopes") return "client scopes";
        if (member == "authenticationFlows") return "authentication flows";
        return {};
    }

    /// {"realm":[…],"client":{"shop":[…]}}
    Result<void> scan_roles(const std::string& file, JsonFile::Cursor& roles) {
        const auto scan_list = [&](const std::string& client, JsonFile::Cursor& list) {
            return list.array([&](JsonFile::Cursor& role) { return scan_role(file, client, role); });
        };
        return roles.object([&](std::string_view, JsonFile::Cursor& value) -> Result<void> {
            const char kind = TRY(value.kind());
            if (kind == '[') return scan_list("", value);
            if (kind != '{') return {};
            return value.object([&](std::string_view client, JsonFile::Cursor& list) -> Result<void> {
                return TRY(list.kind()) == '[' ? scan_list(std::string(client), list) : Result<void>{};
            });
        });
    }

    /// Who has a composite role has others with it.
    Result<void> scan_role(const std::string& file, const std::string& client, JsonFile::Cursor& role) {
        ++others_["roles"];
        std::string named;
        bool composite = false;
        TRY(role.object([&](std::string_view name, JsonFile::Cursor& value) -> Result<void> {
            if (name == "name" && TRY(value.kind()) == '"') named = TRY(text(file, value));
            if (name == "composite") composite = TRY(value.kind()) == 't';
            return {};
        }));
        if (composite && !is_keycloaks_own_client(client) && !named.starts_with("default-roles-"))
            gives_roles(client.empty() ? named : client + "/" + named);
        return {};
    }

    /// Who is in a group has its roles.
    Result<void> scan_group(const std::string& file, JsonFile::Cursor& group) {
        std::string path;
        bool gives = false;
        const auto seen = [&gives](JsonFile::Cursor&) -> Result<void> {
            gives = true;
            return {};
        };
        TRY(group.object([&](std::string_view name, JsonFile::Cursor& value) -> Result<void> {
            const char kind = TRY(value.kind());
            if (name == "path" && kind == '"') path = TRY(text(file, value));
            if (name == "realmRoles" && kind == '[') return value.array(seen);
            if (name == "subGroups" && kind == '[') return value.array([&](JsonFile::Cursor& sub) { return scan_group(file, sub); });
            if (name == "clientRoles" && kind == '{')
                return value.object([&](std::string_view, JsonFile::Cursor& roles) -> Result<void> {
                    return TRY(roles.kind()) == '[' ? roles.array(seen) : Result<void>{};
                });
            return {};
        }));
        if (gives) gives_roles(path);
        return {};
    }

    void gives_roles(std::string name) {
        constexpr std::size_t kNamed = 20;
        ++giving_;
        if (giving_roles_.size() < kNamed) giving_roles_.push_back(std::move(name));
    }

    void warn_of_derived_roles() {
        if (giving_ == 0) return;
        std::string names;
        for (const std::string& name : giving_roles_) names += (names.empty() ? "" : ", ") + name;
        if (giving_ > giving_roles_.size()) names += " and " + std::to_string(giving_ - giving_roles_.size()) + " more";
        warnings_.push_back({"source.derived_roles", names});
    }

    Result<std::string> text(const std::string& file, JsonFile::Cursor& value) {
        const std::string json = TRY(users_.bytes(TRY(value.skip()), kMaxValue));
        std::string_view out;
        const auto parsed = JsonText::parse(json);
        if (!parsed || parsed->root().get(out) != simdjson::SUCCESS)
            return fail(Code::invalid_argument, "MIGRATE-Kc2", "a setting of the realm in " + file + " is no string");
        return std::string(out);
    }

    void warn_of_no_users(const std::vector<std::string>& files);

    JsonArrays users_;
    KeycloakRealm realm_;
    std::set<std::string> realms_;
    std::map<std::string, std::uint64_t> others_;
    std::vector<std::string> giving_roles_;  ///< groups and composite roles, the first of them
    std::uint64_t giving_ = 0;               ///< all of them
    std::vector<SourceWarning> warnings_;
    std::uint64_t number_ = 0, user_lists_ = 0;
};

/// With `--users different_files` the realm's file holds none, and imports "successfully" elsewhere.
void KeycloakSource::warn_of_no_users(const std::vector<std::string>& files) {
    const std::string folder = files.front().contains('/') ? files.front().substr(0, files.front().rfind('/')) : ".";
    std::string beside;
    if (const auto all = list_files(std::vector{folder}, {".json"})) {
        for (const std::string& file : *all) {
            const std::string name = plain_name(file);
            if (name.starts_with(realm_.name + "-users-")) beside += (beside.empty() ? "" : ", ") + name;
        }
    }
    warnings_.push_back(
        {"source.no_users",
         files.front() + " holds no users. " +
             (beside.empty() ? "Export with `kc.sh export --users realm_file` or `--users different_files` and give the whole folder"
                             : "They lie beside it (" + beside + "): give the whole folder, " + folder)});
}

}  // namespace

SourceKind keycloak_kind() { return {"keycloak", "realm file, or a folder of realm and user files (kc.sh export)", KeycloakSource::open}; }

}  // namespace godwit::migration
