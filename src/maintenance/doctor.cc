#include "maintenance/doctor.h"

#include <utility>

namespace godwit::maintenance {

Result<Report> examine(store::Inspection& inspection, const std::function<void(std::string_view)>& before) {
    using Run = Result<void> (*)(store::Inspection&, Check&);
    constexpr struct {
        std::string_view name, question;
        Run run;
    } kChecks[] = {
        {"engine", "pages, rows and indexes are sound", check_engine},
        {"schema", "the schema is whole and of a known version", check_schema},
        {"references", "nothing points to what is not there", check_references},
        {"secrets", "no secret is without its owner or its data key", check_secrets},
        {"unique", "what must be unique is", check_unique},
        {"names", "folded names and ids are right, login names unambiguous", check_names},
        {"events", "the event log explains the state", check_events},
    };
    Report report{.engine = std::string(inspection.engine()), .checks = {}};
    for (const auto& [name, question, run] : kChecks) {
        if (before) before(name);
        Check check(name, question);
        if (auto ran = run(inspection, check); !ran) {
            // A statement that fails on a damaged database (a table gone, a broken page) is what we are here for.
            if (ran.error().code != Code::data_loss && ran.error().code != Code::internal) return std::unexpected(std::move(ran).error());
            check.add(std::string(inspection.engine()), "the check could not be finished: " + ran.error().message);
        }
        report.checks.push_back(std::move(check));
    }
    return report;
}

}  // namespace godwit::maintenance
