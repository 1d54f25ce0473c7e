#include "migration/codes.h"

#include <algorithm>
#include <array>

namespace godwit::migration {
namespace {

using enum Weight;

// By what they are about; within that by name. docs/migrate/codes.md is made of it.
constexpr auto kCodes = std::to_array<Code>({
    {"source.bad_lines", note, "Lines of a file that is joined to the users (hashes) cannot be read; what they say reaches nobody."},
    {"source.derived_roles", note,
     "Groups that give roles to their members, and roles that bring others with them: only the roles of each user themselves come. Name "
     "the "
     "groups in --role-map, and give here what a composite role stands for."},
    {"source.ignored_file", note, "A file or folder beside the others that this source does not read; its name is in the message."},
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
    {"record.announced", refused, "Only announced (--announce): the user comes by a later run or at the first sign-in. Not an error."},
    {"record.both_types", refused, "The record says that it is a human and a machine."},
    {"record.damaged", refused,
     "A spreadsheet destroyed the value that says who this is (#NAME?, 1.10E+18): export again, and do not open the file in a "
     "spreadsheet."},
    {"record.no_id", refused, "Nothing says who this is: no id, no user name, no e-mail address."},
    {"record.not_utf8", refused,
     "The record is no text in UTF-8, but perhaps in Windows-1252 or Latin-1: export again as UTF-8, or convert the file (iconv -f "
     "WINDOWS-1252 -t UTF-8)."},
    {"record.origin_by_hand", refused, "`origin` is set by readers of other systems' files, not in a file. Take it out."},
    {kLeftOut, refused, "The mapping's `skip` leaves this record out: its outcome is `skipped`. Not an error."},
    {"record.too_long", refused, "The record is longer than 16 MiB, or a row of a table of more than 100,000 cells."},
    {"record.unknown_member", lost, "A member this format does not know; its path is in `lost`. Often a typing mistake."},
    {"record.unknown_version", refused, "The record is of a newer format (`v`) than this program reads."},

    {"record.unchanged", refused, "The record is the one that was sent before: nothing was done. Not an error."},

    {"match.ambiguous", refused,
     "What the record says of itself leads to several users (its id to one, its name or address to another). Say which is meant by its "
     "user id."},
    {"match.email", refused, "A user with this verified e-mail address is here already; --on-conflict says what is done then."},
    {"match.login_name", refused,
     "A user with this login name is here already; --on-conflict says what is done then, --user-name makes other names."},
    {"match.other_org", refused, "The user that the record means belongs to another organization, and is not changed from this one."},
    {"match.other_type", refused, "The user that the record means is a machine and the record is of a person, or the other way round."},
    {"match.removed", refused, "The user came before and was removed here since: removed stays removed."},
    {"match.source_id", refused, "The record came before, and has changed since; --on-conflict update or merge takes the change in."},
    {"match.two_sources", refused,
     "Two records of the source mean the same user (same login name, id or address). The first has it; give the other a name of its own."},
    {"match.user_id", refused, "A user with this id is here already; --on-conflict says what is done then."},

    {"org.unknown", refused,
     "The organization the record names is not known, or not yours to write to. --org-map says which one is meant, --create-org makes "
     "those that have a name."},
    {"user.bad_id", refused, "The wished user id cannot be had: 1 to 200 characters, and none that are generated here."},
    {"user.bad_name", refused, "The user name has a form that no user name has; the message says what is wrong."},
    {"user.id_taken", refused, "The wished user id is taken, or was that of a removed user."},
    {"user.refused", refused, "The record cannot become a user; the message says why."},
    {"user.taken", refused, "The login name, a link to an identity provider, a passkey or the id of a key belongs to somebody else here."},

    {"alias.taken", lost, "Somebody else is known by this old subject."},
    {"avatar.lost", lost, "The picture does not come: it is no https:// address."},
    {"avatar.kept", note,
     "The picture itself came: it is kept as the user's metadata `migration.avatar`, its media type as `migration.avatar_type`."},
    {"consent.kept", note,
     "Consents given to applications of the old system are kept as metadata `migration.consents`: here none is asked for."},
    {"email.additional", note, "Further e-mail addresses are kept as metadata `migration.emails`: a user has one here."},
    {"email.bad", lost, "The e-mail address is none."},
    {"grant.unknown_role", lost,
     "A role that the project does not have, or that was not granted to the organization. Add it, or name it in --role-map."},
    {"group.kept", note,
     "Groups that --role-map does not name are kept as metadata `migration.groups`. To make roles of them, name them there and run again "
     "with --on-conflict merge."},
    {"link.unknown_idp", lost, "An identity provider that is not here. Make it first, or say by --idp-map which one is meant."},
    {"password.policy", lost, "The plain password does not fit the password policy of the organization; the person asks for a reset."},
    {"phone.bad", lost, "The phone number is none: it begins with + and its country's code."},
    {"update.lost", lost,
     "A part that could not be added to the user who is here: a link, passkey or key that somebody else has, a second factor beside those "
     "they have, another user name (names are changed by the API)."},
    {"text.not_kept", lost, "A text that is too long, holds control characters or is none of those there are."},

    {"mapping.unmapped_value", lost, "The mapping's `map` has no word for the value, and there is no `default`."},
    {"avatar.url_only", note, "The picture's address came, not the picture: it shows as long as the old system serves it."},
    {"created_at.unreadable", lost, "The time of creation has none of the known forms."},
    {"email.unverifiable", note, "The source cannot say whether the address was verified."},
    {"phone.unverifiable", note, "The source cannot say whether the phone number was verified."},
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
    {"recovery_codes.waiting", note, "Recovery codes came, but no screen asks for them yet: an administrator lets the person in."},
    {"totp.bad_key", lost, "A TOTP key that cannot be read, or with digits or a period nobody uses."},
    {"totp.counter_based", lost, "A counter-based one-time password (HOTP): only time-based ones are known here."},

    {"grant.unknown_project", lost, "A grant for a project that is not there."},
    {"grant.administration", lost,
     "The person administered the old system (an organization, a project, a realm). Give such rights here by hand."},
    {"link.without_id", lost, "A link to an identity provider without the person's id there."},
    {"machine.key_lost", lost, "A key of a machine user that is no public key, or has no readable end."},
    {"machine.part_lost", lost, "A machine user has no name of a person, no address, no factor and no link to an identity provider."},
    {"machine.secret_lost", lost, "A service account's client secret does not come: make it a key or a token here."},
    {"metadata.bad_value", lost,
     "A metadata value that is empty, longer than 500,000 bytes or not the base64 it should be, or a key that is none."},
    {"required_action.kept", note,
     "What the source demands at the next sign-in has no counterpart here; it is kept by its name as metadata "
     "`migration.required_actions`."},

    {"sheet.date_rewritten", note, "A date in the form of a spreadsheet (3/4/2023): day and month may have changed places."},
    {"sheet.error_value", lost, "A spreadsheet put an error (#NAME?, #REF!, #####) in place of the value."},
    {"sheet.extra_cells", lost,
     "The row has more cells than the first row has names: the values without one do not come, and the others may stand in wrong columns. "
     "Often "
     "a delimiter within a value without quotes."},
    {"sheet.lost_plus", note, "A phone number without its `+`: a spreadsheet took it for a number. It was put back."},
    {"sheet.lost_zeros", note,
     "A value shorter than the others of its column and all digits: a spreadsheet may have taken zeros off its front."},
    {"sheet.rounded_number", lost, "A number of more than 15 digits that ends in zeros, or was written 1.10E+18: its digits are gone."},
    {"sheet.truncated", lost, "A value as long as the longest a spreadsheet or a column keeps (255, 32767): the rest is gone."},
    {"sheet.wrong_encoding", note, "UTF-8 that was read as Latin-1 (Ã© for é), or a letter that is gone (�): export again as UTF-8."},
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
