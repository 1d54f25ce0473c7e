// What a check-up found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::maintenance {

/// One thing that is wrong, in words for an operator; never a secret, never a personal name or address.
struct Finding {
    std::string where;  ///< "directory.users 4611…", "runtime.db"
    std::string what;
};

/// One check of the doctor.
class Check {
public:
    Check(std::string_view name, std::string_view question) : name_(name), question_(question) {}

    /// Counted always, kept up to kMaxKept.
    void add(std::string where, std::string what);
    /// Why the check could not look, or looked at less; no problem.
    void note(std::string text) { note_ = std::move(text); }
    void looked_at(std::int64_t things) { looked_at_ += things; }

    std::string_view name() const { return name_; }          ///< stable: "events"
    std::string_view question() const { return question_; }  ///< what the check asks, for people
    std::int64_t problems() const { return problems_; }
    std::int64_t looked_at() const { return looked_at_; }
    const std::string& note() const { return note_; }
    const std::vector<Finding>& kept() const { return kept_; }

    static constexpr std::size_t kMaxKept = 20;

private:
    std::string_view name_;
    std::string_view question_;
    std::int64_t problems_ = 0;
    std::int64_t looked_at_ = 0;
    std::string note_;
    std::vector<Finding> kept_;
};

struct Report {
    std::string engine;
    std::vector<Check> checks;

    bool clean() const;
};

std::string to_text(const Report& report);
/// {"engine":…,"clean":…,"checks":[{"name":…,"ok":…,"problems":…,"lookedAt":…,"note":…,"findings":[{"where":…,"what":…}]}]}
std::string to_json(const Report& report);

}  // namespace godwit::maintenance
