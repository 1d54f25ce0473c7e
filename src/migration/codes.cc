#include "migration/codes.h"

#include <algorithm>
#include <array>

namespace godwit::migration {
namespace {

using enum Weight;

// By what they are about; within that by name. docs/migrate/codes.md is made of it.
constexpr auto kCodes = std::to_array<Code>({
    {"source.external_users", note,
     "Users of a directory that the source only borrows from (LDAP, Active Directory): they come without a password; bring them from "
     "there, "
     "or let them set one."},
    {"source.ignored_file", note, "A file beside the others that this source does not read; its name is in the message."},
    {"source.no_users", refused,
     "The files hold no user at all, which is hardly what was meant: the message says where the users may be. The command ends with status "
     "1."},
    {"source.unmapped_columns", note,
     "Columns that the mapping does not name; their values do not come. Name them in the mapping, or set `rest: metadata`."},
    {"source.unmatched", note,
     "Entries (hashes of a password file, metadata, grants) that are of users who are not in these files: nobody gets them. Often the "
     "files are "
     "of different days."},

    {"record.bad_form", refused,
     "A part of the record has the wrong type or form; the message names it. Mend it and send the record again."},
    {"record.bad_json", refused, "The record is not JSON. Mend it and send it again."},
    {"record.both_types", refused, "The record says that it is a human and a machine."},
    {"record.damaged", refused,
     "A spreadsheet destroyed the value that says who this is (#NAME?, 1.10E+18): export again, and do not open the file in a "
     "spreadsheet."},
    {"record.no_id", refused, "Nothing says who this is: no id, no user name, no e-mail address."},
    {"record.origin_by_hand", refused, "`origin` is set by readers of other systems' files, not in a file. Take it out."},
    {"record.skipped", refused, "The mapping's `skip` leaves this record out."},
    {"record.too_long", refused, "The record is longer than 16 MiB."},
    {"record.unknown_member", lost, "A member this format does not know; its path is in `lost`. Often a typing mistake."},
    {"record.unknown_version", refused, "The record is of a newer format (`v`) than this program reads."},

    {"avatar.url_only", note, "The picture's address came, not the picture: it shows as long as the old system serves it."},
    {"created_at.unreadable", lost, "The time of creation has none of the known forms."},
    {"email.unverifiable", note, "The source cannot say whether the address was verified."},
    {"locale.unreadable", lost, "The language is no language tag."},
    {"state.external", note, "The person comes from another directory (federation link); the source holds no credential."},
    {"state.unknown", lost, "The source has a state that has no counterpart here; the person arrives active."},

    {"password.bad_parameters", lost, "The hash comes with parameters that do not fit together; the person arrives without a password."},
    {"password.none", note, "The source gives no password for this person: they sign in by another way, or ask for a reset."},
    {"password.two_given", lost, "The record has more than one password; the first that is whole came."},
    {"password.unsupported", lost,
     "The hash is of an algorithm that cannot be checked here; the person arrives without a password and asks for a reset."},

    {"factor.not_exported", lost, "The person had a second factor whose secret the source does not give away: it must be set up again."},
    {"factor.unsupported", lost, "A factor of a kind that does not exist here."},
    {"passkey.bad", lost, "A passkey without a readable id or public key."},
    {"passkey.no_rp_id", note,
     "The source does not say for which domain the passkey is: it works here only if that is the job's (--rp-id), and stays the domain."},
    {"recovery_codes.unsupported", lost, "Recovery codes hashed in a way that cannot be checked here: new ones must be made."},
    {"totp.bad_key", lost, "A TOTP key that cannot be read, or with digits or a period nobody uses."},
    {"totp.counter_based", lost, "A counter-based one-time password (HOTP): only time-based ones are known here."},

    {"grant.unknown_project", lost, "A grant for a project that is not there."},
    {"grant.administration", lost,
     "The person administered the old system (an organization, a project, a realm). Give such rights here by hand."},
    {"link.without_id", lost, "A link to an identity provider without the person's id there."},
    {"machine.key_lost", lost, "A key of a machine user that is no public key, or has expired."},
    {"machine.secret_lost", lost, "A service account's client secret does not come: make it a key or a token here."},
    {"metadata.bad_value", lost, "A metadata value that is not the base64 it should be."},
    {"required_action.kept", note, "The source demands something at the next sign-in that has no counterpart here; it came as its name."},

    {"sheet.date_rewritten", note, "A date in the form of a spreadsheet (3/4/2023): day and month may have changed places."},
    {"sheet.error_value", lost, "A spreadsheet put an error (#NAME?, #REF!) in place of the value."},
    {"sheet.lost_plus", note, "A phone number without its `+`: a spreadsheet took it for a number. It was put back."},
    {"sheet.lost_zeros", note,
     "A value shorter than the others of its column and all digits: a spreadsheet may have taken zeros off its front."},
    {"sheet.rounded_number", lost, "A number of more than 15 digits that ends in zeros, or was written 1.10E+18: its digits are gone."},
    {"sheet.truncated", lost, "A value as long as the longest a spreadsheet or a column keeps (255, 32767): the rest is gone."},
    {"sheet.wrong_encoding", note, "UTF-8 that was read as Latin-1 (Ã© for é): export again as UTF-8."},
});

}  // namespace

std::span<const Code> codes() { return kCodes; }

const Code* find_code(std::string_view name) {
    const auto found = std::ranges::find(kCodes, name, &Code::name);
    return found == kCodes.end() ? nullptr : &*found;
}

std::string codes_document() {
    std::string out = "# Codes of a migration's report\n\n";
    out += "<!-- Written from src/migration/codes.cc: GODWIT_WRITE_DOCS=1 migration_test --gtest_filter='Codes.*' -->\n\n";
    out +=
        "Each line of the report has the codes of what happened to its record. *note*: everything arrived. *lost*: the record arrived "
        "without\n"
        "that part; its outcome is `partial`. *refused*: the record did not arrive. Codes that begin with `source.` are about the files as "
        "a whole.\n\n"
        "| code | weight | what it means, what to do |\n| --- | --- | --- |\n";
    for (const Code& code : kCodes) {
        const std::string_view weight = code.weight == note ? "note" : code.weight == lost ? "lost" : "refused";
        out += "| `" + std::string(code.name) + "` | " + std::string(weight) + " | " + std::string(code.sentence) + " |\n";
    }
    return out;
}

}  // namespace godwit::migration
