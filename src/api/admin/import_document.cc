#include "api/admin/import_document.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <unordered_map>

#include "base/duration.h"
#include "transport/rpc/json_decode.h"
#include "transport/rpc/validate.h"
#include "zitadel/admin.pb.h"

namespace godwit::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using migration::JsonFile;
using migration::JsonRange;
namespace pb = zitadel::admin::v1;

constexpr std::uint64_t kMaxScalarBytes = 4096;

std::unexpected<Error> bad(std::string_view message) { return fail(Code::invalid_argument, "", message); }

/// The fields of a message by either style of their names, and which of them an object has shown.
class Members {
public:
    explicit Members(const Descriptor& type) {
        for (int i = 0; i < type.field_count(); ++i) {
            by_name_[type.field(i)->name()] = type.field(i);
            by_name_[type.field(i)->json_name()] = type.field(i);
        }
    }
    const FieldDescriptor* find(std::string_view name) const {
        const auto found = by_name_.find(name);
        return found == by_name_.end() ? nullptr : found->second;
    }

private:
    std::unordered_map<std::string_view, const FieldDescriptor*> by_name_;
};

/// Calls `member` for each known member that is not null. Error for one that comes twice, in whichever styles.
Result<void> each_member(JsonFile::Cursor& object, const Members& members,
                         const std::function<Result<void>(const FieldDescriptor&, JsonFile::Cursor&)>& member) {
    std::vector<bool> seen;
    return object.object([&](std::string_view name, JsonFile::Cursor& value) -> Result<void> {
        const FieldDescriptor* field = members.find(name);
        if (field == nullptr) return {};
        const auto index = static_cast<std::size_t>(field->index());
        if (seen.size() <= index) seen.resize(index + 1);
        if (seen[index]) return bad(field->json_name() + ": given twice");
        seen[index] = true;
        if (TRY(value.is_null())) return {};
        return member(*field, value);
    });
}

class Reader {
public:
    explicit Reader(int fd) : file_(fd) {}

    Result<ImportDocument> read() {
        const Members members(*pb::ImportDataRequest::descriptor());
        TRY(file_.walk([&](JsonFile::Cursor& top) {
            return each_member(top, members, [&](const FieldDescriptor& field, JsonFile::Cursor& value) -> Result<void> {
                if (field.number() == pb::ImportDataRequest::kTimeoutFieldNumber) return read_scalar(value, field, scalars_);
                if (has_data_) return bad(field.json_name() + ": a second source of data");
                has_data_ = true;
                return read_data(field, value);
            });
        }));
        const auto timeout = parse_go_duration(scalars_.timeout());
        if (!timeout || *timeout <= std::chrono::microseconds::zero())
            return bad("time: invalid duration \"" + scalars_.timeout() +
                       "\" in timeout: it must be there and say how long, as 10m or 1h30m");
        document_.timeout = *timeout;
        return std::move(document_);
    }

private:
    Result<void> read_data(const FieldDescriptor& field, JsonFile::Cursor& value) {
        const Descriptor* type = field.message_type();
        const FieldDescriptor* orgs = type->FindFieldByName("orgs");
        if (orgs == nullptr)
            return bad(field.json_name() + ": this server reads no files of its own and fetches none; send the data in dataOrgs");
        const Members members(*type), org_members(*orgs->message_type());
        return each_member(value, members, [&](const FieldDescriptor&, JsonFile::Cursor& list) {
            return list.array([&](JsonFile::Cursor& org) { return read_org(org, org_members); });
        });
    }

    Result<void> read_org(JsonFile::Cursor& object, const Members& members) {
        ImportOrg org;
        org.records = 1;
        pb::DataOrg scalars;
        TRY(each_member(object, members, [&](const FieldDescriptor& field, JsonFile::Cursor& value) -> Result<void> {
            if (field.name() == "org_id" || field.name() == "org_state")
                return read_scalar(value, *pb::DataOrg::descriptor()->FindFieldByName(field.name()), scalars);
            return read_part(field, value, org);
        }));
        org.id = scalars.org_id();
        org.active = scalars.org_state() != zitadel::org::v1::ORG_STATE_INACTIVE;
        org.parts.shrink_to_fit();
        document_.records += org.records;
        document_.orgs.push_back(std::move(org));
        return {};
    }

    Result<void> read_part(const FieldDescriptor& field, JsonFile::Cursor& value, ImportOrg& org) {
        const char first = TRY(value.kind());
        if (!field.is_repeated()) {
            if (first != '{') return bad(field.json_name() + ": expected an object");
            org.parts.emplace_back(&field, TRY(value.skip()));
            if (field.name() != "org") ++org.records;
            return {};
        }
        if (first != '[') return bad(field.json_name() + ": expected an array");
        const std::uint64_t begin = value.position();
        TRY(value.array([&](JsonFile::Cursor& element) -> Result<void> {
            TRY(element.skip());
            ++org.records;
            return {};
        }));
        org.parts.emplace_back(&field, JsonRange{begin, value.position()});
        return {};
    }

    Result<void> read_scalar(JsonFile::Cursor& value, const FieldDescriptor& field, Message& out) {
        const JsonRange range = TRY(value.skip());
        if (const auto read = rpc::decode_json_field(TRY(file_.bytes(range, kMaxScalarBytes)), out, field); !read)
            return bad(field.json_name() + ": " + read.error().message);
        return {};
    }

    JsonFile file_;
    pb::ImportDataRequest scalars_;
    bool has_data_ = false;
    ImportDocument document_;
};

/// As much of a broken record as can be read: each of its own texts and numbers by itself.
void salvage(int fd, JsonRange range, Message& out) {
    out.Clear();
    JsonFile file(fd);  // its own: the record lies inside another walk
    const Members members(*out.GetDescriptor());
    (void)file.walk(range, [&](JsonFile::Cursor& top) {
        return top.object([&](std::string_view name, JsonFile::Cursor& value) -> Result<void> {
            const FieldDescriptor* field = members.find(name);
            const JsonRange place = TRY(value.skip());
            if (field == nullptr || field->is_repeated() || out.GetReflection()->HasField(out, field)) return {};
            const std::string bytes = TRY(file.bytes(place, kMaxRecordBytes));
            if (!rpc::decode_json_field(bytes, out, *field) && !field->message_type()) out.GetReflection()->ClearField(&out, field);
            return {};
        });
    });
}

/// Records of the form {id, <what it is>} are nothing without the second.
Result<void> check_complete(const Message& message) {
    const Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
        const FieldDescriptor& field = *type.field(i);
        const bool body =
            field.message_type() && !field.is_repeated() && field.message_type()->file()->package() == "zitadel.management.v1";
        if (body && type.name().starts_with("Data") && !message.GetReflection()->HasField(message, &field))
            return bad("invalid " + type.name() + ": " + field.json_name() + " is required");
    }
    return {};
}

}  // namespace

JsonRange ImportOrg::part(std::string_view name) const {
    for (const auto& [field, range] : parts)
        if (field->name() == name) return range;
    return {};
}

Result<ImportDocument> ImportDocument::read(int fd) { return Reader(fd).read(); }

Result<void> read_record(JsonFile& file, JsonRange range, std::string_view org_id, Message& out) {
    out.Clear();
    std::string bytes = TRY(file.bytes(range, kMaxRecordBytes));
    const std::size_t size = bytes.size();
    bytes.resize(size + kJsonPadding);
    const FieldDescriptor* org_field = out.GetDescriptor()->FindFieldByName("org_id");
    Result<void> read = rpc::decode_json_padded(std::string_view(bytes).substr(0, size), out);
    if (read && org_field && out.GetReflection()->GetString(out, org_field).empty())
        out.GetReflection()->SetString(&out, org_field, std::string(org_id));
    if (read) read = check_complete(out);
    if (read) return rpc::validate(out);
    salvage(file.fd(), range, out);
    return read;
}

}  // namespace godwit::api
