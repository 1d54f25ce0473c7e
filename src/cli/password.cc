#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/secret.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "credentials/password/verifier.h"

namespace godwit::cli {
namespace {

struct CheckOptions {
    std::string hash;
    std::string algorithm;
    std::vector<std::string> parameters;
    bool quiet = false;
};

/// Types nothing back while it lives, when a person sits there.
class NoEcho {
public:
    NoEcho() : active_(::isatty(STDIN_FILENO) && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!active_) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    ~NoEcho() {
        if (active_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    bool active() const { return active_; }

private:
    termios before_{};
    bool active_;
};

Secret ask_password() {
    NoEcho quiet;
    if (quiet.active()) std::fprintf(stderr, "Password: ");
    std::string line;
    for (int c = std::getchar(); c != EOF && c != '\n' && line.size() < password::kMaxCandidateBytes + 1; c = std::getchar())
        line += static_cast<char>(c);
    if (quiet.active()) std::fprintf(stderr, "\n");
    if (line.ends_with('\r')) line.pop_back();
    Secret out(line);
    explicit_bzero(line.data(), line.size());
    return out;
}

Result<password::Declaration> declaration_of(const CheckOptions& options) {
    password::Declaration out{.algorithm = options.algorithm, .parameters = {}};
    for (const std::string& parameter : options.parameters) {
        const auto pair = split_once(parameter, '=');
        if (!pair) return fail(Code::invalid_argument, "CLI-Prm01", "--parameter " + parameter + ": NAME=VALUE is due");
        out.parameters[std::string(pair->first)] = std::string(pair->second);
    }
    return out;
}

void print(const password::Description& what) {
    if (what.no_password) {
        std::printf("no password: this value means that the user has none\n");
        return;
    }
    if (what.scheme.empty()) {
        std::printf("not recognised%s%s\n", what.reason.empty() ? "" : ": ", what.reason.c_str());
        if (!what.possible_algorithms.empty()) {
            std::printf("it could be one of these; declare it with --algorithm:\n");
            for (const std::string& name : what.possible_algorithms) std::printf("  %s\n", name.c_str());
        }
        return;
    }
    std::printf("scheme:     %s\nalgorithm:  %s (%s)\n", what.scheme.c_str(), what.algorithm.c_str(),
                what.recognised ? "recognised" : "as declared");
    for (const auto& [name, value] : what.cost.parameters) std::printf("%-11s %s\n", (name + ":").c_str(), value.c_str());
    if (what.cost.memory_bytes >= 1024)
        std::printf("memory:     %llu KiB a verification\n", static_cast<unsigned long long>(what.cost.memory_bytes / 1024));
    if (what.cost.weak) std::printf("weak:       cheap to guess; it is replaced at the first sign-in, consider a reset for the rest\n");
    std::printf("import:     %s%s\n", what.accepted ? "accepted" : "refused: ", what.accepted ? "" : what.reason.c_str());
}

/// 0: accepted, and the password (when one was typed) is right. 1: refused, or wrong.
int check(const CheckOptions& options) {
    const auto declaration = declaration_of(options);
    if (!declaration) return complain(declaration.error().message) + 1;
    password::HashMemory memory;
    const auto verifier = password::Verifier::make({}, memory);
    if (!verifier) return complain(verifier.error().message);

    const password::Description what = verifier->describe(options.hash, *declaration);
    print(what);
    if (what.no_password) return 0;
    if (!what.accepted) return 1;
    if (options.quiet) return 0;
    const auto accepted = verifier->accept(options.hash, *declaration);
    if (!accepted) return complain(accepted.error().message);
    const Secret password = ask_password();
    if (password.empty()) return 0;
    const auto right = verifier->verify(password.reveal(), accepted->encoded, std::chrono::steady_clock::now() + std::chrono::minutes(1));
    if (!right) return complain(right.error().message);
    std::printf("password:   %s\n", *right ? "right" : "WRONG");
    return *right ? 0 : 1;
}

}  // namespace

void add_password(CLI::App& program, Run& run) {
    CLI::App* verb = program.add_subcommand("password", "look at password hashes");
    verb->require_subcommand(1);
    CLI::App* check_verb =
        verb->add_subcommand("check", "say what a hash is, whether an import takes it, and whether a typed password fits");
    auto options = std::make_shared<CheckOptions>();
    check_verb->add_option("HASH", options->hash, "the stored value (quote it: shells eat `$`)")->required();
    check_verb
        ->add_option("--algorithm", options->algorithm, "what the value is, where it does not say so itself (docs/password-hashes.md)")
        ->type_name("NAME");
    check_verb->add_option("--parameter", options->parameters, "a parameter of the declared algorithm; several")->type_name("NAME=VALUE");
    check_verb->add_flag("--no-password", options->quiet, "do not ask for a password");
    check_verb->callback([&run, options] { run = [options] { return check(*options); }; });
}

}  // namespace godwit::cli
