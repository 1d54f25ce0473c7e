#include "migration/sources/table/suggest.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "credentials/password/schemes.h"
#include "migration/sources/table/damage.h"

namespace godwit::migration {
namespace {

constexpr std::size_t kFewValues = 6;
/// Of a value that is shown.
constexpr std::size_t kShown = 40;

struct Known {
    std::string_view target;
    std::string_view names;  ///< normalised (lower case, letters and digits alone), between blanks
};

constexpr auto kKnown = std::to_array<Known>({
    {"sourceId", " id userid uid sourceid externalid uuid guid sub subject customerid memberid legacyid "},
    {"userName", " username login loginname user nickusername account accountname samaccountname "},
    {"email.address", " email mail emailaddress primaryemail primaryemailaddress useremail "},
    {"email.verified", " emailverified isemailverified emailconfirmed mailverified verified confirmed emailisverified "},
    {"phone.number", " phone phonenumber mobile mobilephone telephone tel cell primaryphonenumber "},
    {"phone.verified", " phoneverified phonenumberverified isphoneverified phoneconfirmed "},
    {"profile.givenName", " givenname firstname first forename vorname prenom "},
    {"profile.familyName", " familyname lastname last surname sn nachname nom "},
    {"profile.displayName", " displayname name fullname realname "},
    {"profile.nickName", " nickname nick "},
    {"profile.preferredLanguage", " locale language lang preferredlanguage "},
    {"profile.gender", " gender sex "},
    {"state", " state status active enabled isactive disabled blocked "},
    {"createdAt", " createdat created createddate creationdate registered registeredat signup signupdate datejoined userregistered "},
    {"organization.name", " org organization organisation company tenant "},
    {"groups", " groups group memberof teams "},
    {"password.hash", " passwordhash hash passworddigest encryptedpassword userpass passwd hashedpassword pwdhash "},
    {"password.plain", " password plainpassword plaintextpassword "},
    {"password.algorithm", " passwordalgorithm passwordhasher hashalgorithm algorithm "},
    {"password.parameters.salt", " passwordsalt salt "},
    {"password.parameters.saltEncoding", " passwordsaltencoding saltencoding "},
    {"password.parameters.saltPosition", " passwordsaltposition saltposition "},
    {"password.parameters.iterations", " passworditerations iterations "},
    {"password.parameters.pepperRef", " passwordpepperref "},
    {"avatar.url", " avatar avatarurl picture photo photourl image "},
});

std::string normalised(std::string_view name) {
    std::string out;
    for (const char c : name)
        if (is_ascii_alpha(c) || is_ascii_digit(c)) out += ascii_lower(c);
    return out;
}

bool looks_like_email(std::string_view text) {
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos && !text.contains(' ');
}

/// On one line, as YAML reads it back.
std::string quoted(std::string_view text) {
    std::string out(text);
    for (const auto& [what, instead] : {std::pair{"\\", "\\\\"},
                                        {"\"", "\\\""},
                                        {"\n", "\\n"},
                                        {"\r", "\\r"},
                                        {"\t", "\\t"},
                                        {"\xc2\x85", "\\N"},
                                        {"\xe2\x80\xa8", "\\L"},
                                        {"\xe2\x80\xa9", "\\P"}})
        out = replace_all(out, what, instead);
    return "\"" + out + "\"";
}
std::string field_template(std::string_view field) { return quoted("{" + std::string(field) + "}"); }

/// Words for states that people use; whether the person may sign in.
std::string state_of(const std::string& column, std::string_view value) {
    const std::string name = normalised(column), word = to_ascii_lower(value);
    const bool negative = name == "disabled" || name == "blocked";
    const std::array<std::string_view, 6> yes{"1", "true", "yes", "y", "t", "x"}, no{"0", "false", "no", "n", "f", "-"};
    if (std::ranges::find(yes, word) != yes.end()) return negative ? "inactive" : "active";
    if (std::ranges::find(no, word) != no.end()) return negative ? "active" : "inactive";
    if (word == "locked") return "locked";
    return word == "inactive" || word == "disabled" || word == "blocked" || word == "deleted" || word == "suspended" || word == "closed"
               ? "inactive"
               : "active";
}

}  // namespace

void TableProfile::add(const std::vector<std::string>& fields, const Row& row) {
    for (const std::string& field : fields) {
        const auto [slot, fresh] = columns_.try_emplace(field);
        if (fresh) order_.push_back(field);
        Column& column = slot->second;
        const auto text = row.text(field);
        if (!text) continue;
        ++column.filled;
        if (looks_like_email(*text)) ++column.emails;
        if (password::recognise(*text)) ++column.hashes;
        if (const auto code = find_damage(*text)) {
            if (column.damaged++ == 0) column.damage = *code, column.damaged_value = text->substr(0, kShown);
        }
        if (column.values.size() <= kFewValues) column.values.insert(*text);
        if (std::ranges::all_of(*text, is_ascii_digit)) {
            ++column.digits;
            if (text->front() == '0') ++column.leading_zeros;
            if (column.digit_lengths.size() < 64) ++column.digit_lengths[text->size()];
        }
    }
}

std::string TableProfile::target(const std::string& name, const Column& column) const {
    const std::string last = name.contains('.') ? name.substr(name.rfind('.') + 1) : name;
    if (name.starts_with("metadata.")) return name;
    for (const std::string& candidate : {name, last}) {
        for (const Known& known : kKnown) {
            if (!known.names.contains(" " + normalised(candidate) + " ")) continue;
            // A column called "password" holds hashes more often than passwords.
            if (known.target == "password.plain" && column.hashes * 2 > column.filled) return "password.hash";
            return std::string(known.target);
        }
    }
    if (column.filled > 0 && column.hashes * 10 >= column.filled * 9) return "password.hash";
    if (column.filled > 0 && column.emails * 10 >= column.filled * 9) return "email.address";
    return {};
}

bool TableProfile::knows_who() const {
    return std::ranges::any_of(columns_, [this](const auto& each) {
        const std::string where = target(each.first, each.second);
        return where == "sourceId" || where == "userName" || where == "email.address";
    });
}

/// What spreadsheets did, column by column.
std::string TableProfile::damages() const {
    std::string out;
    for (const std::string& name : order_) {
        const Column& column = columns_.at(name);
        if (column.damaged > 0 && target(name, column) != "password.plain")  // people may choose any
            out += "# Column " + quoted(name) + ": a spreadsheet damaged " + std::to_string(column.damaged) + " of the first " +
                   std::to_string(column.filled) + " values, such as " + quoted(column.damaged_value) + " (" + column.damage + ").\n";
    }
    for (const auto& [name, length] : lengths())
        out += "# Column " + quoted(name) + ": values of fewer than " + std::to_string(length) +
               " digits may have lost zeros at their front (sheet.lost_zeros).\n";
    return out;
}

std::string TableProfile::mapping(char delimiter) const {
    std::string out = "# Proposed by the names of the columns and their first values: look it over. docs/migrate/sources/csv.md\n" +
                      damages() + "version: 1\n";
    if (delimiter != '\0') out += "delimiter: " + quoted(std::string(1, delimiter)) + "\n";
    out += "rest: report        # or metadata: keeps the columns that are commented out here\nrecord:\n";
    std::set<std::string> taken;
    std::string special, unknown;
    for (const std::string& name : order_) {
        const Column& column = columns_.at(name);
        const std::string plain = normalised(name), where = target(name, column);
        if (plain == "totpsecret") {
            special += "  totp: [{key: " + field_template(name) + ", when: {field: " + quoted(name) + ", empty: false}}]\n";
        } else if (plain == "recoverycodes") {
            unknown += "  # recoveryCodes: [{code: " + field_template(name) + "}]      # one for each code\n";
        } else if (plain == "roles" || plain == "role") {
            special += "  grants: [{project: \"CHANGE ME\", roles: {from: " + quoted(name) +
                       ", split: \",\"}, when: {field: " + quoted(name) + ", empty: false}}]\n";
        } else if (where.empty() || !taken.insert(where).second) {
            unknown += "  # metadata." + plain + ": " + field_template(name) + "\n";
        } else if (where == "state") {
            out += "  state: {from: " + quoted(name) + ", default: active, map: {";
            bool first = true;
            for (const std::string& value : column.values) {
                if (column.values.size() > kFewValues) break;
                out += std::string(first ? "" : ", ") + quoted(value) + ": " + state_of(name, value);
                first = false;
            }
            out += "}}\n";
        } else if (where == "groups") {
            out += "  groups: {from: " + quoted(name) + ", split: \",\"}\n";
        } else {
            out += "  " + where + ": " + field_template(name) + "\n";
        }
    }
    // idp.<alias>.sub, as many as there are.
    std::string links;
    for (const std::string& name : order_) {
        const auto parts = split(name, '.');
        if (parts.size() == 3 && parts[0] == "idp" && parts[2] == "sub")
            links += "    - {idp: " + std::string(parts[1]) + ", externalId: " + field_template(name) + ", when: {field: " + quoted(name) +
                     ", empty: false}}\n";
    }
    if (!links.empty()) special += "  idpLinks:\n" + links;
    return out + special + unknown;
}

std::map<std::string, std::size_t> TableProfile::lengths() const {
    std::map<std::string, std::size_t> out;
    for (const auto& [name, column] : columns_) {
        if (column.digits < 20 || column.digits != column.filled || column.leading_zeros > 0 || column.digit_lengths.size() < 2) continue;
        const auto& [length, times] = *column.digit_lengths.rbegin();
        // Numbers that count up to a power of ten have nine tenths of one length, too.
        if (length >= 4 && times * 100 >= column.digits * 93) out[name] = length;
    }
    return out;
}

}  // namespace godwit::migration
