#include "migration/inspect/inspection.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <iterator>
#include <thread>
#include <utility>

#include "base/text.h"
#include "migration/codes.h"
#include "migration/engine/prepare.h"
#include "migration/handoff.h"

namespace godwit::migration {
namespace {

constexpr std::size_t kBatchBytes = 512 * 1024;
constexpr std::size_t kExamples = 10;

/// Nothing is stored here: a pepper or key that would be sealed only has to count as one.
class Pretender final : public password::SecretKeeper {
public:
    Result<std::string> seal(std::string_view) const override { return std::string("inspected"); }
    Result<Secret> open(std::string_view) const override { return fail(godwit::Code::not_found, "", "nothing is kept by an inspection"); }
    Result<Secret> find(std::string_view) const override { return fail(godwit::Code::not_found, "", "nothing is kept by an inspection"); }
};

/// "credentials[12].x" and "credentials[3].x" are one place.
std::string place_of(std::string_view path) {
    std::string out;
    bool within = false;
    for (const char c : path) {
        if (c == ']') within = false;
        if (!within) out += c;
        if (c == '[') within = true;
    }
    return out;
}

std::string verified_word(bool has, bool verified) { return !has ? "verified: not said" : verified ? "verified" : "not verified"; }

class Counter {
public:
    Counter(const password::Verifier& verifier, const v1::JobOptions& options, std::map<std::string, std::string> variables)
        : verifier_(verifier),
          preparer_(options, std::move(variables), [this](std::string_view hash, const password::Declaration& declaration, bool) {
              return take_over(hash, declaration);
          }) {}

    void count(const Source& source, const RawRecord& raw) {
        ++seen.records;
        auto record = source.map(raw);
        if (!record && record.error().id == kLeftOut) {
            ++seen.left_out;
            return;
        }
        if (!record) return count_failed(raw.number, record.error().id, record.error().message);
        user::NewUser user;
        Secret plain;
        refusal_.clear();
        const auto prepared = preparer_.prepare(raw.number, &*record, user, plain);
        if (!prepared) return count_failed(raw.number, prepared.error().id, prepared.error().message);
        if (!prepared->refused.empty()) return count_failed(raw.number, prepared->refused, join(prepared->messages, "; "));
        ++(record->type() == "machine" ? seen.machines : seen.humans);
        seen.states.add(record->state().empty() ? "active" : record->state());
        count_password(*record, user, *prepared);
        count_factors(*record);
        count_belongings(*record);
        for (const std::string& code : prepared->codes) seen.codes.add(code);
        for (const std::string& path : prepared->lost) seen.lost.add(place_of(path));
        if (prepared->partial) ++seen.partial;
    }

    Inspection seen;

private:
    void count_failed(std::uint64_t number, const std::string& code, const std::string& message) {
        ++seen.failed;
        seen.errors.add(code);
        if (seen.examples.size() < kExamples)
            seen.examples.emplace(number, "record " + std::to_string(number) + ": " + code + (message.empty() ? "" : ": " + message));
    }

    Result<std::optional<user::NewPassword>> take_over(std::string_view hash, const password::Declaration& declaration) {
        auto accepted = verifier_.accept(hash, declaration);
        if (!accepted && refusal_.empty()) refusal_ = accepted.error().message;
        const auto taken = TRY(std::move(accepted));
        if (taken.no_password()) return std::nullopt;
        return user::NewPassword{.encoded = taken.encoded, .scheme = std::string(taken.scheme)};
    }

    void count_password(const v1::UserRecord& record, const user::NewUser& user, const Prepared& prepared) {
        const auto* const human = std::get_if<user::NewHuman>(&user.as);
        if (std::ranges::find(prepared.codes, "password.unsupported") != prepared.codes.end()) {
            seen.passwords.add("not usable");
            if (!refusal_.empty()) seen.refused_passwords.add(refusal_);  // a password is looked at before recovery codes are
        } else if (!record.password().plain().empty() && record.password().hash().empty()) {
            seen.passwords.add("plain text");
        } else {
            seen.passwords.add(human && human->password ? human->password->scheme : "none");
        }
    }

    void count_factors(const v1::UserRecord& record) {
        bool any = false;
        const auto add = [&](const char* name, bool has) {
            if (has) seen.factors.add(name);
            any = any || has;
        };
        const auto is_u2f = [](const v1::Passkey& key) { return key.kind() == "u2f"; };
        add("TOTP", record.totp_size() > 0);
        add("security key (U2F)", std::ranges::any_of(record.passkeys(), is_u2f));
        add("passkey", std::ranges::any_of(record.passkeys(), std::not_fn(is_u2f)));
        add("recovery codes", record.recovery_codes_size() > 0);
        add("code by e-mail", record.otp_email());
        add("code by SMS", record.otp_sms());
        if (!any && record.type() != "machine") seen.factors.add("none");
    }

    void count_belongings(const v1::UserRecord& record) {
        if (record.has_email()) seen.emails.add(verified_word(record.email().has_verified(), record.email().verified()));
        if (record.has_phone()) seen.phones.add(verified_word(record.phone().has_verified(), record.phone().verified()));
        for (const auto& link : record.idp_links()) seen.links.add(link.idp());
        for (const auto& grant : record.grants())
            for (const std::string& role : grant.roles()) seen.grants.add(grant.project() + ": " + role);
        for (const std::string& group : record.groups()) seen.groups.add(group);
        for (const auto& [key, value] : record.metadata()) seen.metadata.add(key);
        if (record.has_organization()) {
            const auto& organization = record.organization();
            seen.organizations.add(!organization.name().empty() ? organization.name()
                                   : !organization.id().empty() ? organization.id()
                                                                : organization.domain());
        }
    }

    const password::Verifier& verifier_;
    Preparer preparer_;
    std::string refusal_;  ///< why the first hash of the record is not taken
};

void merge(Inspection& into, const Inspection& from) {
    for (auto Inspection::* number : {&Inspection::records, &Inspection::humans, &Inspection::machines, &Inspection::left_out,
                                      &Inspection::failed, &Inspection::partial})
        into.*number += from.*number;
    for (auto Inspection::* tally :
         {&Inspection::states, &Inspection::passwords, &Inspection::refused_passwords, &Inspection::factors, &Inspection::emails,
          &Inspection::phones, &Inspection::links, &Inspection::grants, &Inspection::groups, &Inspection::organizations,
          &Inspection::metadata, &Inspection::codes, &Inspection::lost, &Inspection::errors})
        (into.*tally).merge(from.*tally);
    into.examples.insert(from.examples.begin(), from.examples.end());
}

/// Hands batches of records to whoever takes them.
Result<void> read(Source& source, Handoff<std::vector<RawRecord>>& batches, const std::function<void(double)>& progress) {
    const double total = std::max(1.0, static_cast<double>(source.total_bytes()));
    const auto report = [&] { progress(static_cast<double>(source.read_bytes()) / total); };
    std::vector<RawRecord> batch;
    std::size_t bytes = 0;
    RawRecord raw;
    while (TRY(source.next(raw))) {
        bytes += raw.bytes.size();
        batch.push_back(std::move(raw));
        if (bytes < kBatchBytes) continue;
        batches.put(std::exchange(batch, {}), std::chrono::milliseconds(200), report);
        bytes = 0;
        report();
    }
    if (!batch.empty()) batches.put(std::move(batch), std::chrono::milliseconds(200), report);
    return {};
}

}  // namespace

void Tally::add(const std::string& name, std::uint64_t times) {
    const auto found = counts_.find(name);
    if (found != counts_.end()) {
        found->second += times;
    } else if (counts_.size() < kMaxNames) {
        counts_.emplace(name, times);
    } else {
        others_ += times;
    }
}

void Tally::merge(const Tally& other) {
    for (const auto& [name, times] : other.counts_) add(name, times);
    others_ += other.others_;
}

std::vector<std::pair<std::string, std::uint64_t>> Tally::ranked() const {
    std::vector<std::pair<std::string, std::uint64_t>> out(counts_.begin(), counts_.end());
    std::ranges::stable_sort(out, [](const auto& a, const auto& b) { return a.second > b.second; });
    return out;
}

bool Inspection::bad() const {
    return failed > 0 || std::ranges::any_of(warnings, [](const SourceWarning& warning) {
               const auto* code = find_code(warning.code);
               return code && code->weight == Weight::refused;
           });
}

Result<Inspection> inspect(Source& source, unsigned threads, const std::function<void(double)>& progress, const std::string& rp_id) {
    password::HashMemory memory;
    const Pretender keeper;
    const auto verifier = TRY(password::Verifier::make({}, memory, &keeper));
    Handoff<std::vector<RawRecord>> batches;
    v1::JobOptions options;
    options.set_rp_id(rp_id);
    std::deque<Counter> counters;
    for (unsigned i = 0; i < std::max(1u, threads); ++i) counters.emplace_back(verifier, options, source.variables());
    Result<void> done;
    {
        std::vector<std::jthread> workers;
        for (Counter& counter : counters)
            workers.emplace_back([&batches, &counter, &source] {
                while (const auto batch = batches.take())
                    for (const RawRecord& raw : *batch) counter.count(source, raw);
            });
        done = read(source, batches, progress);
        batches.end();
    }
    if (!done) return std::unexpected(done.error());
    Inspection out;
    for (const Counter& counter : counters) merge(out, counter.seen);
    while (out.examples.size() > kExamples) out.examples.erase(std::prev(out.examples.end()));
    out.bytes = source.total_bytes();
    out.others = source.others();
    out.variables = source.variables();
    out.warnings = source.warnings();
    return out;
}

}  // namespace godwit::migration
