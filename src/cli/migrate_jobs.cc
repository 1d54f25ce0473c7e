// The verbs of a migration's life: docs/migrate/run.md.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>

#include "app/master_key.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "base/unicode.h"
#include "cli/configuration.h"
#include "cli/migrate.h"
#include "cli/migrate_local.h"
#include "cli/migrate_progress.h"
#include "cli/migrate_remote.h"
#include "cli/migrate_run.h"
#include "cli/verbs.h"

namespace godwit::cli {
namespace {

constexpr const char* kExitStatus =
    "Exit status: 0 no record failed (with --strict: none came in part either), 1 some did, 2 usage, 3 paused by --max-errors or by "
    "somebody, 4 server or database out of reach, or stopped.\ndocs/migrate/run.md leads through a migration.";

/// Where the verbs work.
struct Place {
    ConfigurationOptions configuration;
    app::MasterKeySource master_key;
    std::string host;
    ServerPlace server;

    void add_to(CLI::App& verb) {
        CLI::Option* const url = verb.add_option("--server", server.url, "work on this running server")->type_name("URL");
        verb.add_option("--token-file", server.token_file, "file with a personal access token for it")->type_name("FILE")->needs(url);
        verb.add_option("--ca-file", server.ca_file, "PEM of the authorities to believe, when they are not the system's")
            ->type_name("FILE")
            ->needs(url);
        configuration.add_database_to(verb);
        for (const char* other : {"--data", "--config"}) verb.get_option(other)->excludes(url);
        verb.add_option("--host", host, "host of the instance, where there are several")->type_name("HOST");
        verb.add_option("--masterkey", master_key.value, "the master key of the database: 32 characters")->type_name("KEY");
        verb.add_option("--masterkeyFile", master_key.file, "file with the master key")->type_name("FILE");
        verb.add_flag("--masterkeyFromEnv", master_key.environment, "take the master key from GODWIT_MASTERKEY or ZITADEL_MASTERKEY");
    }
    Result<std::unique_ptr<MigrateTarget>> open(app::LocalMigrations::For purpose) const {
        if (!server.url.empty()) return remote_target(server);
        const auto config = TRY(configuration.load_database());
        return local_target(TRY(app::LocalMigrations::open(config, TRY(app::read_master_key(master_key)), host, purpose)));
    }
};

struct Options {
    Place place;
    RunSettings run;
    std::string job, format_file;
    std::string on_conflict = "skip", update, match, pattern = "batch";
    std::vector<std::string> idp_map, org_map;
    std::string role_map_file;
    bool failed_only = false, as_source = false;
};

int status(MigrateExit exit) { return static_cast<int>(exit); }

constexpr auto kLook = app::LocalMigrations::For::looking, kChange = app::LocalMigrations::For::changing;

/// Runs `use` where the options say.
int at(const Options& options, app::LocalMigrations::For purpose, const std::function<MigrateExit(MigrateTarget&)>& use) {
    log::configure(log::Level::warn, log::Format::text);
    const auto target = options.place.open(purpose);
    return status(target ? use(**target) : complain_of(target.error()));
}

template <class Enum>
Result<Enum> one_of(std::string_view option, std::string_view text, std::initializer_list<std::pair<std::string_view, Enum>> all) {
    std::string known;
    for (const auto& [name, value] : all) {
        if (name == text) return value;
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    return fail(Code::invalid_argument, "CLI-Mig03", std::string(option) + " " + std::string(text) + ": one of " + known + " is due");
}

/// "name=value" lines or arguments.
Result<void> add_pairs(std::string_view option, const std::vector<std::string>& pairs,
                       google::protobuf::Map<std::string, std::string>& out) {
    for (const std::string& pair : pairs) {
        const std::string_view text = trim(pair);
        if (text.empty() || text.front() == '#') continue;
        if (!is_valid_utf8(text)) return fail(Code::invalid_argument, "CLI-Mig04", std::string(option) + " is no text in UTF-8");
        const auto parts = split_once(text, '=');
        if (!parts) return fail(Code::invalid_argument, "CLI-Mig04", std::string(option) + " " + std::string(text) + ": NAME=VALUE is due");
        const std::string name(trim(parts->first)), value(trim(parts->second));
        const auto [had, added] = out.insert({name, value});
        if (!added && had->second != value)
            return fail(Code::invalid_argument, "CLI-Mig09",
                        std::string(option) + " says what " + name + " is twice: " + had->second + " and " + value);
    }
    return {};
}

Result<std::vector<std::string>> lines_of(const std::string& path) {
    const std::string text = TRY(read_text_file(path));
    const auto lines = split(text, '\n');
    return std::vector<std::string>(lines.begin(), lines.end());
}

Result<void> read_words(const Options& in, WantedJob& wanted) {
    wanted.pattern = TRY(one_of<pb::Pattern>("--pattern", in.pattern,
                                             {{"batch", pb::PATTERN_BATCH},
                                              {"just-in-time", pb::PATTERN_JUST_IN_TIME},
                                              {"legacy-led", pb::PATTERN_LEGACY_LED},
                                              {"brokering", pb::PATTERN_BROKERING}}));
    pb::JobOptions& out = wanted.options;
    out.set_on_conflict(TRY(one_of<pb::OnConflict>("--on-conflict", in.on_conflict,
                                                   {{"skip", pb::ON_CONFLICT_SKIP},
                                                    {"fail", pb::ON_CONFLICT_FAIL},
                                                    {"update", pb::ON_CONFLICT_UPDATE},
                                                    {"merge", pb::ON_CONFLICT_MERGE}})));
    for (const std::string_view word : in.update.empty() ? std::vector<std::string_view>() : split(in.update, ',')) {
        out.add_update(TRY(one_of<pb::FieldGroup>("--update", word,
                                                  {{"profile", pb::FIELD_GROUP_PROFILE},
                                                   {"secrets", pb::FIELD_GROUP_SECRETS},
                                                   {"links", pb::FIELD_GROUP_LINKS},
                                                   {"metadata", pb::FIELD_GROUP_METADATA},
                                                   {"grants", pb::FIELD_GROUP_GRANTS}})));
    }
    for (const std::string_view word : in.match.empty() ? std::vector<std::string_view>() : split(in.match, ',')) {
        out.add_match(TRY(one_of<pb::Match>("--match", word,
                                            {{"source-id", pb::MATCH_SOURCE_ID},
                                             {"user-id", pb::MATCH_USER_ID},
                                             {"login-name", pb::MATCH_LOGIN_NAME},
                                             {"verified-email", pb::MATCH_VERIFIED_EMAIL}})));
    }
    TRY(add_pairs("--idp-map", in.idp_map, *out.mutable_idp_map()));
    TRY(add_pairs("--org-map", in.org_map, *out.mutable_org_map()));
    if (!in.role_map_file.empty()) TRY(add_pairs(in.role_map_file, TRY(lines_of(in.role_map_file)), *out.mutable_role_map()));
    return {};
}

void add_run(CLI::App& migrate, Run& run) {
    CLI::App* verb = migrate.add_subcommand("run", "take the users of another system in; the same command again goes on where it stood");
    verb->footer(kExitStatus);
    auto o = std::make_shared<Options>();
    o->place.add_to(*verb);
    pb::JobOptions& job = o->run.wanted.options;
    static const auto set = [](auto setter) { return [setter](const auto& value) { setter(value); }; };
    std::string kinds;
    for (const auto& kind : migration::source_kinds()) kinds += (kinds.empty() ? "" : ", ") + std::string(kind.name);
    verb->add_option("--from", o->run.wanted.kind, "what the files are: " + kinds)->required()->type_name("KIND");
    verb->add_option("PATH", o->run.source.paths, "files and folders of the export")->required();
    verb->add_option("--org", o->run.wanted.organization, "organization of records that name none: id, verified domain or name")
        ->required();
    verb->add_option("--source", o->run.wanted.source,
                     "name of the system the users come from: its records are known again by it; without it KIND");
    verb->add_flag_function(
        "--create-org", [o](std::int64_t) { o->run.wanted.options.set_create_org(true); },
        "make organizations that are named and not there");
    verb->add_flag_function(
        "--dry-run", [o](std::int64_t) { o->run.wanted.options.set_dry_run(true); },
        "rehearse: every check, the whole report, no user written");
    verb->add_option("--on-conflict", o->on_conflict, "who is here already: skip, fail, update (replace) or merge (add what is missing)");
    verb->add_option("--update", o->update, "what update and merge touch: profile,secrets,links,metadata,grants");
    verb->add_option("--match", o->match, "how a record finds a user, in order: source-id,user-id,login-name,verified-email");
    verb->add_option("--pattern", o->pattern,
                     "how the users come: batch, just-in-time, legacy-led or brokering; said with the job, and mixed as you like");
    verb->add_flag_function(
        "--announce", [o](std::int64_t) { o->run.wanted.options.set_announce(true); },
        "only say who will come, by a later run or at the first sign-in: nobody is made");
    verb->add_flag("--strict", o->run.strict, "exit status 1 also when records came in part");
    const CLI::Validator one_or_more(
        [](const std::string& text) {
            return parse_number<std::uint64_t>(text).value_or(0) > 0 ? std::string() : "\"" + text + "\" is no number of 1 or more";
        },
        "");
    verb->add_option_function<std::uint64_t>("--max-errors", set([&job](std::uint64_t n) { job.set_max_errors(n); }),
                                             "pause when so many records have failed")
        ->check(one_or_more);
    verb->add_option_function<std::uint64_t>("--limit", set([&job](std::uint64_t n) { job.set_limit(n); }), "read at most so many records")
        ->check(one_or_more);
    verb->add_option("--passwords", o->run.source.passwords, "file with the password hashes, for sources that give them apart")
        ->type_name("FILE");
    verb->add_option("--mapping", o->run.source.mapping, "mapping of columns or fields (csv, tsv, ndjson)")->type_name("FILE");
    verb->add_option("--idp-map", o->idp_map, "identity provider of the source and here: alias=id-or-name; several")->type_name("ALIAS=ID");
    verb->add_option("--org-map", o->org_map, "organization of the source and here: id, domain or name = id, domain or name; several")
        ->type_name("NAME=ORG");
    verb->add_option("--role-map", o->role_map_file, "file of lines `role = project/role`, `project/role = …` or `/group = …`")
        ->type_name("FILE");
    verb->add_option_function<std::string>("--user-name", set([&job](const std::string& text) { job.set_user_name(text); }),
                                           "template of login names, such as {userName}@{realm}")
        ->type_name("TEMPLATE");
    verb->add_option("--rp-id", o->run.source.rp_id, "domain of passkeys whose export does not say it")->type_name("DOMAIN");
    verb->add_option("--report", o->run.report_file, "write what became of each record, a line of JSON each")->type_name("FILE");
    verb->add_option("--html", o->run.html_file, "write the summary as a page")->type_name("FILE");
    verb->callback([&run, o] {
        run = [o] {
            if (o->run.wanted.source.empty()) o->run.wanted.source = o->run.wanted.kind;
            if (const auto read = read_words(*o, o->run.wanted); !read) return status(complain_of(read.error()));
            return at(*o, kChange, [o](MigrateTarget& target) { return run_new_job(target, o->run); });
        };
    });
}

void add_resume(CLI::App& migrate, Run& run) {
    CLI::App* verb = migrate.add_subcommand("resume", "go on with a job exactly where it stands");
    verb->footer(kExitStatus);
    auto o = std::make_shared<Options>();
    o->place.add_to(*verb);
    verb->add_option("JOB", o->job, "its id")->required();
    verb->add_option("PATH", o->run.source.paths, "the files, when they lie elsewhere now");
    verb->add_option("--passwords", o->run.source.passwords, "likewise")->type_name("FILE");
    verb->add_flag("--strict", o->run.strict, "exit status 1 also when records came in part");
    verb->add_option("--report", o->run.report_file, "write what became of each record, a line of JSON each")->type_name("FILE");
    verb->add_option("--html", o->run.html_file, "write the summary as a page")->type_name("FILE");
    verb->callback(
        [&run, o] { run = [o] { return at(*o, kChange, [o](MigrateTarget& target) { return resume_job(target, o->job, o->run); }); }; });
}

void add_report(CLI::App& migrate, Run& run) {
    CLI::App* verb = migrate.add_subcommand("report", "say what became of each record of a job: a line of JSON each");
    auto o = std::make_shared<Options>();
    o->place.add_to(*verb);
    verb->add_option("JOB", o->job, "its id")->required();
    verb->add_option("PATH", o->run.source.paths, "with --as-source: the files, when they lie elsewhere now");
    CLI::Option* failed = verb->add_flag("--failed", o->failed_only, "only the records that failed");
    verb->add_flag("--as-source", o->as_source, "the failed records themselves, as a file of their source: mend them and run it")
        ->needs(failed);
    verb->add_option("--report", o->run.report_file, "into this file, not on standard output")->type_name("FILE");
    verb->add_option("--html", o->run.html_file, "write the summary as a page")->type_name("FILE");
    verb->callback([&run, o] {
        run = [o] {
            return at(*o, kLook,
                      [o](MigrateTarget& target) { return write_job_report(target, o->job, o->run, o->failed_only, o->as_source); });
        };
    });
}

void print(const pb::Job& job) {
    std::printf("%-20s %-10s %-12s record %-10llu %s%s\n", job.id().c_str(), migration::state_name(job.state()).c_str(),
                job.source().c_str(), static_cast<unsigned long long>(job.last_record()), summary_of(job.counters()).c_str(),
                job.options().dry_run() ? " (rehearsal)" : "");
    if (job.pattern() == pb::PATTERN_JUST_IN_TIME) std::printf("  just-in-time: users come at their first sign-in here\n");
    if (job.pattern() == pb::PATTERN_LEGACY_LED) std::printf("  legacy-led: the old system hands each user over\n");
    if (job.pattern() == pb::PATTERN_BROKERING) std::printf("  brokering: the old system stays an identity provider\n");
    if (!job.error().empty()) std::printf("  %s\n", job.error().c_str());
    std::string states;
    for (const auto& [state, n] : std::map<std::string, std::uint64_t>(job.user_states().begin(), job.user_states().end()))
        states += (states.empty() ? "" : ", ") + std::to_string(n) + " " + state;
    if (!states.empty()) std::printf("  users of %s: %s\n", job.source().c_str(), states.c_str());
}

/// A verb that asks for one job, or does one thing to it, and prints it.
void add_one(CLI::App& migrate, Run& run, const char* name, const char* help, app::LocalMigrations::For purpose,
             Result<pb::Job> (MigrateTarget::*act)(const std::string&)) {
    CLI::App* verb = migrate.add_subcommand(name, help);
    auto o = std::make_shared<Options>();
    o->place.add_to(*verb);
    verb->add_option("JOB", o->job, "its id")->required();
    verb->callback([&run, o, purpose, act] {
        run = [o, purpose, act] {
            return at(*o, purpose, [&](MigrateTarget& target) {
                const auto job = (target.*act)(o->job);
                if (!job) return complain_of(job.error());
                print(*job);
                return MigrateExit::done;
            });
        };
    });
}

void add_list(CLI::App& migrate, Run& run) {
    CLI::App* verb = migrate.add_subcommand("list", "all jobs, the newest first");
    auto o = std::make_shared<Options>();
    o->place.add_to(*verb);
    verb->callback([&run, o] {
        run = [o] {
            return at(*o, kLook, [](MigrateTarget& target) {
                const auto jobs = target.list();
                if (!jobs) return complain_of(jobs.error());
                for (const pb::Job& job : *jobs) print(job);
                return MigrateExit::done;
            });
        };
    });
}

}  // namespace

void add_migrate_jobs(CLI::App& migrate, Run& run) {
    add_run(migrate, run);
    add_one(migrate, run, "status", "where a job stands", kLook, &MigrateTarget::get);
    add_list(migrate, run);
    add_one(migrate, run, "pause", "stop a running job at its next batch", kChange, &MigrateTarget::pause);
    add_resume(migrate, run);
    add_one(migrate, run, "cancel", "end a job; what was taken in stays", kChange, &MigrateTarget::cancel);
    add_report(migrate, run);
}

}  // namespace godwit::cli
