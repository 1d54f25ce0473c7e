#include "app/first_users.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "app/services.h"
#include "crypto/random.h"
#include "godwit/settings/v1/settings.pb.h"

namespace godwit::app {
namespace {

constexpr std::chrono::seconds kHashDeadline{60};

/// What the login page and the management API need of a token.
std::vector<std::string> token_scopes() {
    return {"openid", "profile", "urn:zitadel:iam:user:metadata", "urn:zitadel:iam:user:resourceowner"};
}

/// A new file (or the contents of an old one) that only its owner reads.
Result<void> write_private_file(const std::string& path, std::string_view content) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const auto failed = [&] { return fail(Code::failed_precondition, "APP-Fil01", "cannot write " + path + ": " + std::strerror(errno)); };
    if (fd < 0) return failed();
    bool written = ::fchmod(fd, 0600) == 0;  // the file may have been there, with another mode
    while (written && !content.empty()) {
        const ssize_t count = ::write(fd, content.data(), content.size());
        if (count < 0 && errno == EINTR) continue;
        written = count > 0;
        if (written) content.remove_prefix(static_cast<std::size_t>(count));
    }
    if (!written) {
        auto error = failed();
        ::close(fd);
        return error;
    }
    if (::fsync(fd) != 0 || ::close(fd) != 0) return failed();
    return {};
}

/// A password that every complexity policy takes: 120 bits and more, one character of each class.
std::string random_password(std::uint64_t min_length) {
    constexpr std::string_view kLower = "abcdefghijkmnopqrstuvwxyz";
    constexpr std::string_view kUpper = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    constexpr std::string_view kDigits = "23456789";
    const std::size_t length = std::max<std::size_t>(20, std::min<std::size_t>(min_length, user::kMaxPasswordCharacters - 4));
    return crypto::random_string(length, std::string(kLower) + std::string(kUpper) + std::string(kDigits)) + "-" +
           crypto::random_string(1, kUpper) + crypto::random_string(1, kDigits) + crypto::random_string(1, kLower);
}

class FirstUsers {
public:
    FirstUsers(Services& services, const config::Config& config, const OrgScope& org, const store::Editor& editor)
        : services_(services), config_(config), first_(config.first_instance), org_(org), editor_(editor) {}

    Result<std::string> make() {
        TRY(make_machine());
        TRY(make_human());
        TRY(make_login_client());
        return std::move(greeting_);
    }

private:
    /// The user with that name, made if it is not there.
    Result<UserId> ensure(const user::NewUser& wanted) {
        if (const auto present = TRY(services_.users.find_by_login_name(org_.instance(), wanted.name))) return present->id;
        return TRY(services_.users.create(org_, wanted, editor_)).id;
    }

    Result<void> give(UserId user, const char* role) {
        const auto given = services_.members.add(org_.instance(), member::Place::instance(), editor_, user, {role});
        if (!given && given.error().code != Code::already_exists) return std::unexpected(given.error());
        return {};
    }

    Result<void> make_human() {
        const config::HumanUser& human = first_.org.human;
        const auto org = TRY(services_.orgs.get(org_));
        // Without a domain of its own the name would be taken from every other organization.
        const std::string name =
            human.user_name.find('@') == std::string::npos ? human.user_name + "@" + org.primary_domain : human.user_name;
        const auto complexity = TRY(services_.settings.get<settings::v1::PasswordComplexityPolicy>(org_));
        const Secret password = human.password.empty() ? Secret(random_password(complexity.value.min_length())) : human.password;
        const user::NewPassword hashed{
            .encoded = TRY(services_.hasher->hash(password.reveal(), std::chrono::steady_clock::now() + kHashDeadline)),
            .scheme = {},
            .change_required = human.password_change_required};

        user::NewHuman wanted;
        wanted.profile.first_name = human.first_name;
        wanted.profile.last_name = human.last_name;
        wanted.profile.nick_name = human.nick_name;
        wanted.profile.display_name = human.display_name;
        wanted.profile.language = human.preferred_language;
        wanted.email = human.email.empty() ? name : human.email;
        wanted.email_verified = human.email_verified;
        wanted.phone = human.phone;
        wanted.phone_verified = human.phone_verified;
        wanted.password = hashed;
        if (const auto present = TRY(services_.users.find_by_login_name(org_.instance(), name))) {
            // The password that an interrupted first start drew was never told.
            TRY(services_.passwords.set(user::Ref::of(org_, present->id), hashed, editor_));
            TRY(give(present->id, "IAM_OWNER"));
        } else {
            user::NewUser user;
            user.name = name;
            user.as = wanted;
            TRY(give(TRY(services_.users.create(org_, user, editor_)).id, "IAM_OWNER"));
        }
        greeting_ +=
            "Sign in at " + services_.instances.external().origin(config_.external_domain) + "/ui/login\n  login name  " + name + "\n";
        if (human.password.empty()) {
            greeting_ += "  password    " + std::string(password.reveal());
            greeting_ +=
                human.password_change_required ? "  (shown this once; you will be asked for a new one)\n" : "  (shown this once)\n";
        }
        return {};
    }

    Result<void> make_machine() {
        const config::MachineUser& machine = first_.org.machine;
        if (machine.username.empty() && first_.pat_path.empty() && first_.machine_key_path.empty()) return {};
        const auto id = TRY(ensure_machine(machine, "zitadel-admin-sa", "Admin"));
        TRY(give(id, "IAM_OWNER"));
        if (machine.pat_expires || !first_.pat_path.empty()) TRY(issue_token(id, machine, first_.pat_path, "machine user"));
        if (machine.key_type == 1 || !first_.machine_key_path.empty()) {
            const auto key = TRY(services_.machines.add_key(user::Ref::of(org_, id), machine.key_expires, "", editor_));
            TRY(hand_over(key.details, first_.machine_key_path, "key of the machine user"));
        }
        return {};
    }

    Result<void> make_login_client() {
        const config::MachineUser& client = first_.org.login_client;
        if (client.username.empty() && first_.login_client_pat_path.empty()) return {};
        const auto id = TRY(ensure_machine(client, "login-client", "Login Client"));
        TRY(give(id, "IAM_LOGIN_CLIENT"));
        if (client.pat_expires || !first_.login_client_pat_path.empty())
            TRY(issue_token(id, client, first_.login_client_pat_path, "login client"));
        return {};
    }

    Result<UserId> ensure_machine(const config::MachineUser& machine, std::string_view default_username, std::string_view default_name) {
        user::NewMachine wanted;
        wanted.name = machine.name.empty() ? std::string(default_name) : machine.name;
        user::NewUser user;
        user.name = machine.username.empty() ? std::string(default_username) : machine.username;
        user.as = std::move(wanted);
        return ensure(user);
    }

    Result<void> issue_token(UserId id, const config::MachineUser& machine, const std::string& path, std::string_view whose) {
        const auto pat = TRY(services_.machines.add_pat(user::Ref::of(org_, id), machine.pat_expires, token_scopes(), editor_));
        return hand_over(pat.token, path, "token of the " + std::string(whose));
    }

    /// To its file, or on the screen when none was named.
    Result<void> hand_over(const Secret& secret, const std::string& path, const std::string& what) {
        if (path.empty()) {
            greeting_ += "  " + what + ": " + std::string(secret.reveal()) + "\n";
            return {};
        }
        TRY(write_private_file(path, std::string(secret.reveal()) + "\n"));
        greeting_ += "  " + what + ": " + path + "\n";
        return {};
    }

    Services& services_;
    const config::Config& config_;
    const config::FirstInstance& first_;
    const OrgScope org_;
    const store::Editor& editor_;
    std::string greeting_;
};

}  // namespace

Result<std::string> make_first_users(Services& services, const config::Config& config, const OrgScope& org, const store::Editor& editor) {
    return FirstUsers(services, config, org, editor).make();
}

}  // namespace godwit::app
