// Parts that this server has no tables for yet: nothing is dropped in silence.
#include <google/protobuf/descriptor.h>

#include "api/admin/import_run.h"

namespace godwit::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Part {
    std::string_view name, type;       ///< in proto/, and in an entry of errors
    std::string_view what;             ///< for people
    std::vector<std::string_view> id;  ///< fields of the record that make the entry's id; "" is the organization's
};

const Part& part_of(std::string_view name) {
    static const Part kParts[] = {
        {"init_messages", "init_message", "texts of messages", {"", "language"}},
        {"password_reset_messages", "password_reset_message", "texts of messages", {"", "language"}},
        {"verify_email_messages", "verify_email_message", "texts of messages", {"", "language"}},
        {"verify_phone_messages", "verify_phone_message", "texts of messages", {"", "language"}},
        {"domain_claimed_messages", "domain_claimed_message", "texts of messages", {"", "language"}},
        {"passwordless_registration_messages", "passwordless_registration_message", "texts of messages", {"", "language"}},
        {"verify_sms_otp_messages", "verify_sms_otp_message", "texts of messages", {"", "language"}},
        {"verify_email_otp_messages", "verify_email_otp_message", "texts of messages", {"", "language"}},
        {"invite_user_messages", "invite_user_message", "texts of messages", {"", "language"}},
        {"actions", "action", "actions", {"action_id"}},
        {"trigger_actions", "trigger_action", "triggers of actions", {"flow_type", "trigger_type"}},
    };
    for (const Part& part : kParts)
        if (part.name == name) return part;
    std::abort();  // a part is named in import_run.cc and not here
}

/// The text or number of a field.
std::string value_of(const Message& message, std::string_view name) {
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(name));
    const auto& reflection = *message.GetReflection();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return std::to_string(reflection.GetEnumValue(message, field));
    return reflection.GetString(message, field);
}

}  // namespace

void refuse_part(ImportRun& run, const OrgImport& org, std::string_view name) {
    for (const auto& [field, place] : org.source.parts) {
        if (field->name() != name) continue;
        const Part& part = part_of(name);
        const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(field->message_type());
        const std::unique_ptr<Message> record(prototype->New());
        run.walk(org, name, *record, [&](const Result<void>&) {
            std::string id;
            for (const auto part_of_id : part.id) id = joined({id, part_of_id.empty() ? org.id() : value_of(*record, part_of_id)});
            run.refuse(part.type, id,
                       {Code::unimplemented, "IMPORT-Ntk01", "not taken: this server cannot keep " + std::string(part.what) + " yet"});
            run.done(1);
        });
    }
}

}  // namespace godwit::api
