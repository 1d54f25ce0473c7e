// What lies where in a ZITADEL export: organizations, their users, and an index from a user's id to all that other lists say of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "migration/input/disk_index.h"
#include "migration/input/seekable.h"
#include "migration/json_file.h"

namespace godwit::migration {

class ZitadelDocument {
public:
    /// Lists whose elements name a user; joined to the user in this order.
    static constexpr std::pair<std::string_view, std::string_view> kJoined[] = {
        // name in the file as the export writes it, name of the member that holds the user's id
        {"userMetadata", "id"},   {"userGrants", "userId"},     {"userLinks", "userId"},           {"machineKeys", "userId"},
        {"orgMembers", "userId"}, {"projectMembers", "userId"}, {"projectGrantMembers", "userId"},
    };

    struct Organization {
        std::size_t file = 0;
        std::string id, name, domain;
        JsonRange humans, machines;
    };

    /// Errors name the file and byte.
    static Result<ZitadelDocument> read(const std::vector<std::string>& paths, const std::string& scratch);

    const std::vector<Organization>& organizations() const { return organizations_; }
    JsonFile& file(std::size_t index) { return files_[index].json; }
    const Seekable& stored(std::size_t index) const { return files_[index].text; }
    std::size_t files() const { return files_.size(); }
    /// Things that are no users.
    const std::map<std::string, std::uint64_t>& others() const { return others_; }
    /// The elements of all joined lists that name this user, and from which list (an index of kJoined) each is.
    Result<std::vector<std::pair<std::size_t, std::string>>> joined_to(const std::string& user_id);
    std::uint64_t joined() const { return index_.size(); }
    /// The organization whose project this is; "" when no file says.
    std::string owner_of(const std::string& project_id) const;

private:
    struct File {
        Seekable text;
        JsonFile json;
    };
    explicit ZitadelDocument(const std::string& scratch) : index_(scratch_folder(scratch)) {}
    Result<void> scan(std::size_t file);
    Result<void> scan_organization(std::size_t file, JsonFile::Cursor& object);
    Result<void> scan_members(Organization& organization, std::string_view name, JsonFile::Cursor& value);
    Result<void> scan_joined(std::size_t file, std::size_t kind, JsonFile::Cursor& list);
    /// The text of a small member of each object in a list.
    Result<void> each_text(JsonFile& json, JsonFile::Cursor& list, std::string_view member,
                           const std::function<void(std::string text, JsonRange element)>& use);
    Result<std::string> text(JsonFile& json, JsonFile::Cursor& value);

    std::vector<File> files_;
    std::vector<Organization> organizations_;
    std::map<std::string, std::string> owners_;  ///< projects are few, beside users
    std::map<std::string, std::uint64_t> others_;
    DiskIndex index_;
};

/// "user_metadata" and "userMetadata" are one name.
std::string camel_case(std::string_view name);

}  // namespace godwit::migration
