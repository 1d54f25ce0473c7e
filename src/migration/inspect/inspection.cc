#include "migration/inspect/inspection.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>

#include "migration/codes.h"
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
    explicit Counter(const password::Verifier& verifier) : verifier_(verifier) {}

    void count(const Source& source, const RawRecord& raw) {
        ++seen.records;
        const auto record = source.map(raw);
        if (!record && record.error().id == kLeftOut) {
            ++seen.left_out;
            return;
        }
        if (!record) {
            ++seen.failed;
            seen.errors.add(record.error().id);
            if (seen.examples.size() < kExamples)
                seen.examples.push_back("record " + std::to_string(raw.number) + ": " + record.error().id + ": " + record.error().message);
            return;
        }
        ++(record->type() == "machine" ? seen.machines : seen.humans);
        seen.states.add(record->state().empty() ? "active" : record->state());
        bool lost = count_password(*record);
        count_factors(*record);
        count_belongings(*record);
        for (const std::string& code : record->origin().codes()) {
            seen.codes.add(code);
            const auto* known = find_code(code);
            lost = lost || (known && known->weight == Weight::lost);
        }
        for (const std::string& path : record->origin().lost()) seen.lost.add(place_of(path));
        if (lost) ++seen.partial;
    }

    Inspection seen;

private:
    /// Whether there is one that an import would not take.
    bool count_password(const v1::UserRecord& record) {
        const v1::Password& password = record.password();
        if (!password.plain().empty()) {
            seen.passwords.add("plain text");
            return false;
        }
        if (password.hash().empty()) {
            seen.passwords.add("none");
            return false;
        }
        password::Declaration declaration{.algorithm = password.algorithm(), .parameters = {}};
        for (const auto& [name, value] : password.parameters().fields())
            declaration.parameters[name] = value.has_string_value()   ? value.string_value()
                                           : value.has_number_value() ? std::to_string(static_cast<std::int64_t>(value.number_value()))
                                           : value.bool_value()       ? "true"
                                                                      : "false";
        const auto accepted = verifier_.accept(password.hash(), declaration);
        if (!accepted) {
            seen.passwords.add("not usable");
            seen.refused_passwords.add(accepted.error().message);
            return true;
        }
        seen.passwords.add(accepted->no_password() ? "none" : std::string(accepted->scheme));
        return false;
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
    into.examples.insert(into.examples.end(), from.examples.begin(), from.examples.end());
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

Result<Inspection> inspect(Source& source, unsigned threads, const std::function<void(double)>& progress) {
    password::HashMemory memory;
    const Pretender keeper;
    const auto verifier = TRY(password::Verifier::make({}, memory, &keeper));
    Handoff<std::vector<RawRecord>> batches;
    std::vector<Counter> counters(std::max(1u, threads), Counter(verifier));
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
    std::ranges::sort(out.examples);
    if (out.examples.size() > kExamples) out.examples.resize(kExamples);
    out.bytes = source.total_bytes();
    out.others = source.others();
    out.variables = source.variables();
    out.warnings = source.warnings();
    return out;
}

}  // namespace godwit::migration
