#include "cli/migrate_run.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "app/master_key.h"
#include "base/encoding.h"
#include "base/unicode.h"
#include "cli/job_files.h"
#include "cli/migrate_progress.h"
#include "cli/server_calls.h"
#include "cli/verbs.h"
#include "crypto/digest.h"
#include "migration/codes.h"
#include "migration/engine/report.h"
#include "transport/rpc/stable_bytes.h"

namespace godwit::cli {
namespace {

/// Ctrl-C and a polite kill stop a run at its next batch; the second of them ends the program, which costs nothing but the batch.
std::atomic<bool> interrupted = false;

class Interruptible {
public:
    static void heard(int) {
        const int kept = errno;
        interrupted = true;
        let_end();
        constexpr std::string_view kSaid = "\ngodwit: stopping when what is under way is written; once more ends it at once\n";
        (void)!::write(STDERR_FILENO, kSaid.data(), kSaid.size());
        errno = kept;
    }
    Interruptible() {
        interrupted = false;
        struct sigaction action{};
        action.sa_handler = heard;
        for (const int signal : kSignals) sigaction(signal, &action, nullptr);
    }
    ~Interruptible() { let_end(); }
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;

private:
    static constexpr std::array kSignals{SIGINT, SIGTERM};
    /// From here on either of them ends the program.
    static void let_end() {
        for (const int signal : kSignals) std::signal(signal, SIG_DFL);
    }
};

class File {
public:
    static Result<File> create(const std::string& path) {
        File out;
        out.path_ = path;
        out.file_.reset(path == "-" ? stdout : std::fopen(path.c_str(), "wb"));
        if (!out.file_) return fail(Code::invalid_argument, "CLI-Mig01", "cannot write " + path);
        return out;
    }
    Result<void> write(std::string_view text) {
        if (std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size()) return {};
        return fail(Code::resource_exhausted, "CLI-Mig02", "cannot write " + path_ + ": is the disk full?");
    }
    Result<void> close() {
        if (std::fflush(file_.get()) == 0) return {};
        return fail(Code::resource_exhausted, "CLI-Mig02", "cannot write " + path_ + ": is the disk full?");
    }

private:
    struct Close {
        void operator()(std::FILE* file) const {
            if (file != stdout) std::fclose(file);
        }
    };
    std::string path_;
    std::unique_ptr<std::FILE, Close> file_;
};

/// Calls `use` for each line of the report.
Result<void> each_record(MigrateTarget& target, const std::string& id, bool failed_only,
                         const std::function<Result<void>(const pb::RecordReport&)>& use) {
    std::uint64_t after = 0;
    do {
        const auto page = TRY(target.report(id, after, failed_only));
        for (const auto& record : page.records) TRY(use(record));
        after = page.next;
    } while (after != 0);
    return {};
}

Result<void> write_lines(MigrateTarget& target, const std::string& id, File& file, bool failed_only) {
    TRY(each_record(target, id, failed_only, [&](const pb::RecordReport& record) { return file.write(migration::report_line(record)); }));
    return file.close();
}

Result<void> write_page(const pb::Job& job, File& file) {
    TRY(file.write(migration::report_page(job)));
    return file.close();
}

/// The failed records again in the source's own form. some_failed: one was too long to be read whole, and is not among them.
Result<MigrateExit> write_as_source(MigrateTarget& target, const std::string& id, migration::Source& source, const std::string& path) {
    std::map<std::uint64_t, std::string> failed;  // the source id of each, where it has one
    TRY(each_record(target, id, true, [&](const pb::RecordReport& record) -> Result<void> {
        failed.emplace(record.record(), record.source_id());
        return {};
    }));
    auto file = TRY(File::create(path));
    const auto [head, tail] = source.frame();
    TRY(file.write(head));
    migration::RawRecord raw;
    bool first = true;
    auto exit = MigrateExit::done;
    while (!failed.empty() && TRY(source.next(raw))) {
        const auto wanted = failed.extract(raw.number);
        if (!wanted) continue;
        if (!wanted.mapped().empty()) TRY(check_record(source, raw, wanted.mapped()));
        if (raw.error && raw.error->id == "record.too_long") {
            complain("record " + std::to_string(raw.number) + " is left out, mend it in the files themselves: " + raw.error->message);
            exit = MigrateExit::some_failed;
            continue;
        }
        if (!std::exchange(first, false)) TRY(file.write(source.separator()));
        TRY(file.write(raw.bytes));
    }
    if (!failed.empty()) return not_the_files(std::to_string(failed.size()) + " failed records are not in them any more");
    TRY(file.write(tail.empty() && !first ? "\n" : tail));
    TRY(file.close());
    return exit;
}

/// The same command means the same job: what it reads and what it does with it.
std::string fingerprint(const RunSettings& settings, std::uint64_t bytes) {
    std::string text = settings.wanted.kind + '\0' + settings.wanted.source + '\0' + settings.wanted.organization + '\0' +
                       std::to_string(bytes) + '\0' + std::to_string(settings.wanted.pattern) + '\0' +
                       rpc::stable_bytes(settings.wanted.options);
    return "cli:" + hex_encode(crypto::sha256(text)).substr(0, 40);
}

std::string absolute(const std::string& path) {
    if (path.empty() || path == "-") return path;
    std::error_code error;
    const auto full = std::filesystem::absolute(path, error);
    return error ? path : full.lexically_normal().string();
}

/// What a source has to say of itself as a whole, some of it when it is opened, some after its last record; each is said once.
class SourceWarnings {
public:
    void tell(const migration::Source& source) {
        for (const auto& [name, message] : source.warnings()) {
            if (!told_.insert(name + message).second) continue;
            std::fprintf(stderr, "godwit: warning: %s (%s)\n", message.c_str(), name.c_str());
            const auto* const code = migration::find_code(name);
            grave_ = grave_ || (code && code->weight == migration::Weight::refused);
        }
    }
    /// Nobody would want the run to look like a success.
    bool grave() const { return grave_; }

private:
    std::set<std::string> told_;
    bool grave_ = false;
};

Result<std::unique_ptr<migration::Source>> open_source(const std::string& kind, const migration::SourceOptions& options,
                                                       SourceWarnings& warnings) {
    auto source = TRY(migration::open_source(*TRY(migration::find_source_kind(kind)), options));
    warnings.tell(*source);
    return source;
}

/// The files as the job remembers them, unless others are named now.
migration::SourceOptions files_of(const pb::Job& job, const migration::SourceOptions& named) {
    migration::SourceOptions out = named;
    if (out.paths.empty()) out.paths.assign(job.options().paths().begin(), job.options().paths().end());
    if (out.passwords.empty()) out.passwords = job.options().passwords();
    if (out.mapping.empty()) out.mapping = job.options().mapping();
    if (out.rp_id.empty()) out.rp_id = job.options().rp_id();
    return out;
}

/// Nothing of it is left to run.
bool has_ended(const pb::Job& job) { return job.state() == pb::JOB_STATE_DONE || job.state() == pb::JOB_STATE_CANCELLED; }

/// A finished job is not gone on with: the command then begins another, whose records are mostly there already.
Result<pb::Job> unfinished_job(MigrateTarget& target, const RunSettings& settings, const std::string& key) {
    for (int n = 1;; ++n) {
        auto job = TRY(target.create(settings.wanted, key + ":" + std::to_string(n)));
        if (!has_ended(job)) return job;
    }
}

Result<void> check_outputs(const RunSettings& settings) {
    if (settings.report_file != "-" || settings.html_file != "-") return {};
    return fail(Code::invalid_argument, "CLI-Mig10", "--report and --html cannot both go to standard output");
}

/// Not among what goes to standard output by --report or --html.
void print_end(const pb::Job& job, const std::string& what, std::FILE* out) {
    std::fprintf(out, "%s %s: %s\n", what.c_str(), job.id().c_str(), migration::state_name(job.state()).c_str());
    std::fprintf(out, "%s\n", summary_of(job.counters()).c_str());
    for (const auto& [code, n] : std::map<std::string, std::uint64_t>(job.counters().codes().begin(), job.counters().codes().end())) {
        const auto* known = migration::find_code(code);
        std::fprintf(out, "  %8llu  %-26s %s\n", static_cast<unsigned long long>(n), code.c_str(),
                     known ? std::string(known->sentence).c_str() : "");
    }
    if (!job.error().empty()) std::fprintf(out, "%s\n", job.error().c_str());
    if (!has_ended(job)) std::fprintf(out, "go on with: godwit migrate resume %s\n", job.id().c_str());
    std::fflush(out);
}

/// `source` is what the `files` hold, not yet read. Nothing of the job, and no report, is touched before they are known to be its own.
Result<MigrateExit> run_to_end(MigrateTarget& target, pb::Job job, std::unique_ptr<migration::Source> source,
                               const migration::SourceOptions& files, SourceWarnings& warnings, const RunSettings& settings) {
    if (passed_over(job) > 0) {
        TRY(check_files(target, job, *source));
        source.reset();  // what it keeps on disk would be there twice
        source = TRY(open_source(job.kind(), files, warnings));
    }
    // Before the run, which may take its time: what cannot be written should be known now.
    std::optional<File> lines, page;
    if (!settings.report_file.empty()) lines = TRY(File::create(settings.report_file));
    if (!settings.html_file.empty()) page = TRY(File::create(settings.html_file));
    if (job.state() == pb::JOB_STATE_PAUSED || job.state() == pb::JOB_STATE_FAILED) job = TRY(target.resume(job.id()));
    {
        const Interruptible signals;
        MigrateProgress progress(source->total_bytes(), passed_over(job));
        job = TRY(target.run(
            job, *source,
            {.stop = [] { return interrupted.load(); },
             .progress = [&](const pb::Counters& counters, std::uint64_t, std::uint64_t bytes) { progress.show(counters, bytes); },
             .indexes = [&](std::size_t built, std::size_t of) { progress.show_indexes(built, of); }}));
    }
    warnings.tell(*source);
    if (lines) TRY(write_lines(target, job.id(), *lines, false));
    if (page) TRY(write_page(job, *page));
    print_end(job, job.options().dry_run() ? "rehearsal" : "migration",
              settings.report_file == "-" || settings.html_file == "-" ? stderr : stdout);
    const MigrateExit exit = exit_of(job, settings.strict);
    return exit == MigrateExit::done && warnings.grave() ? MigrateExit::some_failed : exit;
}

}  // namespace

MigrateExit exit_of(const pb::Job& job, bool strict) {
    if (job.state() == pb::JOB_STATE_PAUSED) return MigrateExit::paused;
    if (job.state() != pb::JOB_STATE_DONE) return MigrateExit::unreachable;
    const bool bad = job.counters().failed() > 0 || (strict && job.counters().partial() > 0);
    return bad ? MigrateExit::some_failed : MigrateExit::done;
}

MigrateExit complain_of(const Error& error) {
    if (error.id == "STORE-locked") {
        complain(error.message + ". A server that runs there is asked by --server URL; Ctrl-C stops a migration where it runs");
        return MigrateExit::unreachable;
    }
    complain(error.message);
    // What the job's state or the command line does not allow: asking again would not help.
    const bool asked_wrongly = error.id.starts_with("MIGRATE-") || error.id == kRefusedByServer || error.id == app::kBadMasterKey;
    if (error.code == Code::failed_precondition && asked_wrongly) return MigrateExit::usage;
    switch (error.code) {
        case Code::invalid_argument:
        case Code::not_found:
        case Code::already_exists:
        case Code::unauthenticated:
        case Code::permission_denied:
            return MigrateExit::usage;
        default:
            return MigrateExit::unreachable;
    }
}

MigrateExit run_new_job(MigrateTarget& target, RunSettings settings) {
    const auto exit = [&]() -> Result<MigrateExit> {
        TRY(check_outputs(settings));
        pb::JobOptions& options = settings.wanted.options;
        for (std::string& path : settings.source.paths) options.add_paths(path = absolute(path));
        options.set_passwords(settings.source.passwords = absolute(settings.source.passwords));
        options.set_mapping(settings.source.mapping = absolute(settings.source.mapping));
        options.set_rp_id(settings.source.rp_id);
        if (trim_unicode(settings.wanted.organization).empty())
            return fail(Code::invalid_argument, "CLI-Mig08", "--org names nothing: an id, a verified domain or a name is due");
        SourceWarnings warnings;
        auto source = TRY(open_source(settings.wanted.kind, settings.source, warnings));
        for (const auto& [name, value] : source->variables()) (*options.mutable_variables())[name] = value;
        auto made = TRY(unfinished_job(target, settings, fingerprint(settings, source->total_bytes())));
        return run_to_end(target, std::move(made), std::move(source), settings.source, warnings, settings);
    }();
    return exit ? *exit : complain_of(exit.error());
}

MigrateExit resume_job(MigrateTarget& target, const std::string& id, const RunSettings& settings) {
    const auto exit = [&]() -> Result<MigrateExit> {
        TRY(check_outputs(settings));
        auto known = TRY(target.get(id));
        if (has_ended(known)) known = TRY(target.resume(id));  // which says so
        SourceWarnings warnings;
        const auto files = files_of(known, settings.source);
        auto source = TRY(open_source(known.kind(), files, warnings));
        return run_to_end(target, std::move(known), std::move(source), files, warnings, settings);
    }();
    return exit ? *exit : complain_of(exit.error());
}

MigrateExit write_job_report(MigrateTarget& target, const std::string& id, const RunSettings& settings, bool failed_only, bool as_source) {
    const auto exit = [&]() -> Result<MigrateExit> {
        TRY(check_outputs(settings));
        const auto job = TRY(target.get(id));
        const std::string path = settings.report_file.empty() ? "-" : settings.report_file;
        if (!settings.html_file.empty()) {
            auto page = TRY(File::create(settings.html_file));
            TRY(write_page(job, page));
        }
        if (as_source) {
            SourceWarnings warnings;
            return write_as_source(target, id, *TRY(open_source(job.kind(), files_of(job, settings.source), warnings)), path);
        }
        if (!settings.html_file.empty() && settings.report_file.empty()) return MigrateExit::done;
        auto file = TRY(File::create(path));
        TRY(write_lines(target, id, file, failed_only));
        return MigrateExit::done;
    }();
    return exit ? *exit : complain_of(exit.error());
}

}  // namespace godwit::cli
