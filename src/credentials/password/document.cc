#include "credentials/password/document.h"

#include "credentials/password/declared.h"
#include "credentials/password/schemes.h"

namespace godwit::password {
namespace {

std::string code(std::string_view text) {
    std::string out = "`";
    for (const char c : text) {
        if (c == '|') out += '\\';  // the cell's border otherwise
        out += c;
    }
    return out + "`";
}

void append_schemes(std::string& out) {
    out +=
        "## Recognised forms\n\nA value in one of these forms needs no declaration. The scheme's name is what an operator forbids it "
        "by.\n\n";
    out += "| scheme | form | |\n| --- | --- | --- |\n";
    for (const auto& scheme : all_schemes()) {
        for (const Form& form : scheme->forms()) {
            out += "| " + code(scheme->name()) + " | " + code(form.pattern) + " | " + std::string(form.note) + " |\n";
        }
    }
    out += "\nA value that is empty, is `x`, or begins with `!` or `*` means: this user has no password.\n\n";
}

void append_declared(std::string& out) {
    out += "## Declared algorithms\n\n";
    out +=
        "A bare digest has several readings (32 hex digits are an MD5, an NT hash or an MD4), so it is refused until it is declared: "
        "`hashedPassword.algorithm` and `hashedPassword.parameters` in JSON, `password_algorithm` and `password_<parameter>` in files, "
        "`--algorithm` and `--parameter` on the command line. Names do not mind case, `-` and `_`. A recognised value wins: an algorithm "
        "that "
        "contradicts it is refused.\n\n";
    out += "| algorithm | what it is | parameters |\n| --- | --- | --- |\n";
    for (const DeclaredAlgorithm& row : declared_algorithms()) {
        out += "| ";
        for (std::size_t i = 0; i < row.names.size(); ++i) out += (i > 0 ? ", " : "") + code(row.names[i]);
        for (const auto& [alias, name] : row.aliases) out += "; " + code(alias) + " is " + code(name);
        out += " | " + std::string(row.meaning) + " | ";
        for (std::size_t i = 0; i < row.parameters.size(); ++i) {
            out += (i > 0 ? "<br>" : "") + code(row.parameters[i].name) + ": " + std::string(row.parameters[i].meaning);
        }
        out += " |\n";
    }
    out += "\nWith every algorithm, and with every recognised form:\n\n| parameter | |\n| --- | --- |\n";
    for (const DeclaredParameter& parameter : common_parameters())
        out += "| " + code(parameter.name) + " | " + std::string(parameter.meaning) + " |\n";
    out +=
        "\nPeppers, keys and signer keys belong to the whole legacy system: they are stored sealed, or only their names are, never in the "
        "clear.\n\n";
}

void append_limit(std::string& out, std::string_view what, std::uint64_t value, std::string_view note = {}) {
    out += "| " + std::string(what) + " | " + std::to_string(value) + " | " + std::string(note) + " |\n";
}

void append_limits(std::string& out) {
    const CostLimits limits;
    out +=
        "## Limits\n\nForm and cost are checked at import and again before each verification, so that no file can burn time or memory at "
        "login.\n\n";
    out += "| what | at most | |\n| --- | --- | --- |\n";
    append_limit(out, "bytes of a value", kMaxEncodedBytes);
    append_limit(out, "bytes of a salt", limits.salt_bytes);
    append_limit(out, "bytes of a digest", limits.digest_bytes, "at least " + std::to_string(kMinDigestBytes));
    append_limit(out, "bcrypt cost", limits.bcrypt_cost, "at least 4");
    append_limit(out, "Argon2 m (KiB)", limits.argon2_memory_kib);
    append_limit(out, "Argon2 t * m (KiB)", limits.argon2_work_kib);
    append_limit(out, "Argon2 p", limits.argon2_lanes);
    append_limit(out, "scrypt, yescrypt 128 * N * r (bytes)", limits.scrypt_memory_bytes);
    append_limit(out, "scrypt, yescrypt 128 * N * r * p (bytes)", limits.scrypt_work_bytes, "yescrypt: times t + 1");
    append_limit(out, "PBKDF2 iterations * blocks of output", limits.pbkdf2_iterations);
    append_limit(out, "sha256-crypt, sha512-crypt rounds", limits.crypt_rounds, "at least 1000");
    append_limit(out, "phpass, Drupal, iterated digests", limits.digest_rounds);
    append_limit(out, "bytes of a password that is checked", kMaxCandidateBytes, "longer ones are wrong");
}

}  // namespace

std::string document() {
    std::string out = "# Password hashes\n\n";
    out += "<!-- Written from the code's own tables: GODWIT_WRITE_DOCS=1 credentials_password_test --gtest_filter='Document.*' -->\n\n";
    out +=
        "Godwit signs users in with the password hash they bring. On the first good login the password is hashed again with the configured "
        "hasher. `godwit password check` tells what a hash is and whether an import would take it.\n\n";
    append_schemes(out);
    append_declared(out);
    append_limits(out);
    return out;
}

}  // namespace godwit::password
