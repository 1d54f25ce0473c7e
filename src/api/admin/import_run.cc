#include "api/admin/import_run.h"

#include "api/admin/import_errors.h"
#include "base/log.h"
#include "directory/org/orgs.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::admin::v1;
using migration::JsonFile;

}  // namespace

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const auto part : parts) {
        if (!out.empty()) out += '_';
        out += part;
    }
    return out;
}

ImportRun::ImportRun(const ImportServices& services_, const ImportCall& call_, int fd_, ImportDocument document,
                     pb::ImportDataResponse& response)
    : services(services_),
      call(call_),
      fd(fd_),
      file_(fd_),
      document_(std::move(document)),
      response_(response),
      deadline_(call_.now() + document_.timeout),
      progress_("import", document_.records) {}

bool ImportRun::stopped() const { return broken_ || call.cancelled() || call.now() >= deadline_; }

void ImportRun::refuse(std::string_view type, std::string_view id, const Error& error) {
    if (broken_) return;
    if (error.code == Code::unavailable) {
        broken_by_ = error;
        broken_ = true;
        return;
    }
    auto& entry = *response_.add_errors();
    entry.set_type(std::string(type));
    entry.set_id(std::string(id));
    entry.set_message(import_message(type, error));
    progress_.add_errors(1);
}

void ImportRun::walk(const OrgImport& org, std::string_view part, google::protobuf::Message& record,
                     const std::function<void(Result<void> read)>& use) {
    const migration::JsonRange place = org.part(part);
    if (!place) return;
    const auto one = [&](migration::JsonRange range) { use(read_record(file_, range, org.id(), record)); };
    const auto walked = file_.walk(place, [&](JsonFile::Cursor& value) -> Result<void> {
        if (TRY(value.kind()) != '[') {
            if (!stopped()) one(place);
            TRY(value.skip());
            return {};
        }
        return value.array([&](JsonFile::Cursor& element) -> Result<void> {
            const auto range = TRY(element.skip());
            if (stopped()) return fail(Code::deadline_exceeded, "", "stopped");  // only leaves the walk
            one(range);
            return {};
        });
    });
    // The file was whole when it was looked over: what fails now is the disk.
    if (!walked && !stopped()) refuse("", "", {Code::unavailable, walked.error().id, walked.error().message});
}

Result<void> ImportRun::run() {
    response_.mutable_success();
    std::vector<OrgImport> orgs;
    orgs.reserve(document_.orgs.size());
    for (const ImportOrg& source : document_.orgs) {
        if (stopped()) break;
        const auto org = bring_org(source);
        if (!org) continue;
        import_domain_policy(*this, *org);
        import_domains(*this, *org);
        import_appearance(*this, *org);
        import_idps(*this, *org);
        import_sign_in(*this, *org);
        import_login_texts(*this, *org);
        for (const std::string_view texts :
             {"init_messages", "password_reset_messages", "verify_email_messages", "verify_phone_messages", "domain_claimed_messages",
              "passwordless_registration_messages", "verify_sms_otp_messages", "verify_email_otp_messages", "invite_user_messages"})
            refuse_part(*this, *org, texts);
        import_human_users(*this, *org);
        import_machine_users(*this, *org);
        import_user_metadata(*this, *org);
        import_machine_keys(*this, *org);
        import_user_links(*this, *org);
        import_projects(*this, *org);
        refuse_part(*this, *org, "actions");
        import_project_roles(*this, *org);
        orgs.push_back(*org);
    }
    // What may name things of the file's other organizations comes when all of them are there.
    for (const OrgImport& org : orgs) {
        refuse_part(*this, org, "trigger_actions");
        import_project_grants(*this, org);
    }
    for (const OrgImport& org : orgs) import_user_grants(*this, org);
    for (const OrgImport& org : orgs) {
        import_org_members(*this, org);
        import_project_grant_members(*this, org);
        import_project_members(*this, org);
    }
    conclude();
    if (!broken_ && call.cancelled()) return fail(Code::cancelled, "IMPORT-Gone1", "the client has gone");
    return {};
}

void ImportRun::conclude() {
    if (progress_.done() >= progress_.total()) return progress_.finish("finished");
    auto& entry = *response_.add_errors();
    entry.set_type(broken_ ? "unavailable" : "timeout");
    entry.set_message(std::to_string(progress_.total() - progress_.done()) + " of " + std::to_string(progress_.total()) +
                      " records not tried");
    if (broken_) entry.set_message(entry.message() + ": " + broken_by_.message);
    progress_.finish(broken_ ? "broke off" : call.cancelled() ? "was broken off by its client" : "timed out");
}

std::optional<OrgImport> ImportRun::bring_org(const ImportOrg& source) {
    const auto org = find_or_create_org(source);
    if (!org) {
        refuse("org", source.id, org.error());
        done(source.records);  // as recorded: what is in an organization that cannot be had is not spoken of
        return std::nullopt;
    }
    done(1);
    auto& success = *response_.mutable_success()->add_orgs();
    success.set_org_id(source.id);
    return OrgImport{OrgScope(call.instance, *org), source, success};
}

/// An organization that is there already is an error too, and still takes what the file has for it.
Result<OrgId> ImportRun::find_or_create_org(const ImportOrg& source) {
    if (source.id.empty()) return fail(Code::invalid_argument, "ORG-4Mlfs", "Errors.Invalid.Argument");
    if (const auto found = TRY(services.orgs.find(call.instance, source.id))) {
        refuse("org", source.id, {Code::already_exists, "ORG-lapo2n", ""});
        return found->key;
    }
    zitadel::management::v1::AddOrgRequest wanted;
    const auto place = source.part("org");
    if (const auto read = place ? read_record(file_, place, "", wanted) : Result<void>(); !read && !wanted.name().empty())
        return std::unexpected(read.error());
    if (wanted.name().empty()) return fail(Code::invalid_argument, "COMM-deLSk", "Errors.Org.Invalid");
    const auto org = TRY(services.orgs.create(call.instance, call.editor, {.name = wanted.name(), .id = source.id}));
    if (!source.active) {
        if (const auto ended = services.orgs.deactivate(OrgScope(call.instance, org.key), call.editor); !ended)
            refuse("org_state", source.id, ended.error());
    }
    return org.key;
}

Result<void> run_import(const ImportServices& services, const ImportCall& call, int fd, pb::ImportDataResponse& response) {
    auto document = TRY(ImportDocument::read(fd));
    return ImportRun(services, call, fd, std::move(document), response).run();
}

}  // namespace godwit::api
